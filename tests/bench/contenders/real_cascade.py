"""PostgreSQL's own: the same tables with real foreign keys, and one DELETE that cascades from the brief."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg

NAME = "ON DELETE CASCADE: one DELETE over real foreign keys"


def undo(conn: psycopg.Connection[Any], number: int) -> None:
    """Delete the brief."""
    conn.execute("delete from with_real_keys.onboarding_brief where id = %s", [f"b{number}"])


@contextmanager
def opened(dsn: str) -> Iterator[Callable[[int], object]]:
    """Yield the delete."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        yield partial(undo, conn)
