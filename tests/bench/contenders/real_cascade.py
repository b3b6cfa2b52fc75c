"""PostgreSQL's own: the same tables with real foreign keys, and one DELETE that cascades from the brief."""

from __future__ import annotations

from functools import partial
from typing import Any

import psycopg

from .one_connection import one_connection

NAME = "ON DELETE CASCADE: one DELETE over real foreign keys"


def undo(conn: psycopg.Connection[Any], number: int) -> None:
    """Delete the brief."""
    conn.execute("delete from with_real_keys.onboarding_brief where id = %s", [f"b{number}"])


opened = partial(one_connection, undo)
