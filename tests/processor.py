"""What a query costs the server's processor; a clock would measure what else this machine has to do."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import psycopg


def seconds(conn: psycopg.Connection[Any], query: str) -> float:
    """Execute a query; return how long the server process worked."""
    started = worked(conn)
    conn.execute(query.encode())
    return worked(conn) - started


def worked(conn: psycopg.Connection[Any]) -> float:
    """Return how long the connection's server process has worked, where the system tells; or else a clock."""
    status = Path(f"/proc/{conn.info.backend_pid}/stat")
    if not status.exists():
        return time.monotonic()
    user, system = status.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
