"""pgunwind: one call, which knows the run's keys from its ledger and leaves receipts."""

from __future__ import annotations

from functools import partial
from typing import Any

import psycopg

from . import OURS as NAME
from .one_connection import one_connection

__all__ = ["NAME", "opened", "undo"]


def undo(conn: psycopg.Connection[Any], number: int) -> None:
    """Call it as anybody would."""
    conn.execute("select * from unwind.compensate_run(%s)", [f"r{number}"])


opened = partial(one_connection, undo)
