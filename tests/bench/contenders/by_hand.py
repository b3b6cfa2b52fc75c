"""What pgunwind's rules cost at the least: a function by hand for this workflow alone that keeps them."""

from __future__ import annotations

from functools import partial
from typing import Any

import psycopg

from . import BY_HAND as NAME
from .one_connection import one_connection

__all__ = ["NAME", "opened"]


def undo(conn: psycopg.Connection[Any], number: int) -> None:
    """Call it as compensate_run is called."""
    conn.execute("select * from client_to_delivery.by_hand(%s)", [f"r{number}"])


opened = partial(one_connection, undo)
