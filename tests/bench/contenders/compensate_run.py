"""pgunwind: one call, which knows the run's keys from its ledger and leaves receipts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg

from . import OURS as NAME

__all__ = ["NAME", "opened", "undo"]


def undo(conn: psycopg.Connection[Any], number: int) -> None:
    """Call it as anybody would."""
    conn.execute("select * from unwind.compensate_run(%s)", [f"r{number}"])


@contextmanager
def opened(dsn: str) -> Iterator[Callable[[int], object]]:
    """Yield the call."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        yield partial(undo, conn)
