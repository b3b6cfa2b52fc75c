"""The same deletes from Python, one statement a table, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from .statements import DELETES

NAME = "psycopg: ten deletes in one transaction"


@contextmanager
def opened(dsn: str) -> Iterator[Callable[[int], object]]:
    """Yield the transaction."""
    with psycopg.connect(dsn, autocommit=True) as conn:

        def undo(number: int) -> None:
            with conn.transaction():
                for statement, letter in DELETES:
                    conn.execute(statement, [f"{letter}{number}"])

        yield undo
