"""The same deletes from Python in one transaction, all sent before the first answer is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from .statements import DELETES

NAME = "psycopg: the same in pipeline mode"


@contextmanager
def opened(dsn: str) -> Iterator[Callable[[int], object]]:
    """Yield the pipeline."""
    with psycopg.connect(dsn, autocommit=True) as conn:

        def undo(number: int) -> None:
            with conn.pipeline(), conn.transaction():
                for statement, letter in DELETES:
                    conn.execute(statement, [f"{letter}{number}"])

        yield undo
