"""The same deletes from Python in one transaction, all sent before the first answer is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from .compensations import COMPENSATIONS

NAME = "psycopg: the same in pipeline mode"


@contextmanager
def opened(dsn: str) -> Iterator[Callable[[int], object]]:
    """Yield the pipeline."""
    with psycopg.connect(dsn, autocommit=True) as conn:

        def undo(number: int) -> None:
            with conn.pipeline(), conn.transaction():
                for compensation in COMPENSATIONS:
                    for statement in compensation.deletes:
                        conn.execute(statement, compensation.key(number))

        yield undo
