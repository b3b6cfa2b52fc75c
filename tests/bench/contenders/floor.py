"""The floor: one call of static PL/pgSQL with scalar keys, which keeps no ledger and writes no receipts."""

from __future__ import annotations

from functools import partial
from typing import Any

import psycopg

from . import FLOOR as NAME
from .one_connection import one_connection

__all__ = ["NAME", "opened", "undo"]


def undo(conn: psycopg.Connection[Any], number: int) -> None:
    """Call the function that background.py makes."""
    keys = [f"{letter}{number}" for letter in "bsdqp"]
    conn.execute("select client_to_delivery.floor(%s, %s, %s, %s, %s)", keys)


opened = partial(one_connection, undo)
