"""The same deletes from Python, one statement a table, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from .compensations import COMPENSATIONS

NAME = "psycopg: ten deletes in one transaction"


@contextmanager
def opened(dsn: str) -> Iterator[Callable[[int], object]]:
    """Yield the transaction."""
    with psycopg.connect(dsn, autocommit=True) as conn:

        def undo(number: int) -> None:
            with conn.transaction():
                for compensation in COMPENSATIONS:
                    for statement in compensation.deletes:
                        conn.execute(statement, compensation.key(number))

        yield undo
