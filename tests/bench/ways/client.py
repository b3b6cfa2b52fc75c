"""The same application with pgunwind's client; a key each, given to step()."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg

from pgunwind import Unwind

from .. import small_steps
from . import OURS as NAME
from . import Forward

__all__ = ["NAME", "execute", "opened"]


@contextmanager
def execute(dsn: str, steps: int, *, last: bool) -> Iterator[Forward]:
    """Yield the application; with `last` its last step completes the run."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        unwind = Unwind(conn)

        def forward(numbers: Iterable[int]) -> None:
            for number in numbers:
                with unwind.run(small_steps.WORKFLOW) as run:
                    for step in range(steps):
                        key = small_steps.key(number, step)
                        own = {"last": True} if last and step == steps - 1 else {}
                        with run.step(small_steps.name(step), key, **own) as step_conn:
                            step_conn.execute(small_steps.INSERT[step], [key])

        yield forward


@contextmanager
def opened(dsn: str, steps: int) -> Iterator[Forward]:
    """Yield the application."""
    with execute(dsn, steps, last=False) as forward:
        yield forward
