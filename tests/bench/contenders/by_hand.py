"""What pgunwind's rules cost at the least: a function by hand for this workflow alone that keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg

from . import BY_HAND as NAME

__all__ = ["NAME", "opened"]


def undo(conn: psycopg.Connection[Any], number: int) -> None:
    """Call it as compensate_run is called."""
    conn.execute("select * from client_to_delivery.by_hand(%s)", [f"r{number}"])


@contextmanager
def opened(dsn: str) -> Iterator[Callable[[int], object]]:
    """Yield the call."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        yield partial(undo, conn)
