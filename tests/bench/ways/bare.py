"""The application alone: a transaction a step, and nothing that could be undone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg

from .. import small_steps
from . import BARE as NAME
from . import Forward

__all__ = ["NAME", "opened"]


@contextmanager
def opened(dsn: str, steps: int) -> Iterator[Forward]:
    """Yield the application."""
    with psycopg.connect(dsn, autocommit=True) as conn:

        def forward(numbers: Iterable[int]) -> None:
            for number in numbers:
                for step in range(steps):
                    with conn.transaction():
                        conn.execute(small_steps.INSERT[step], [small_steps.key(number, step)])

        yield forward
