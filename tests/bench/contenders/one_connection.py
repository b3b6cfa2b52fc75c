"""What the contenders share that undo a run by one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg


@contextmanager
def one_connection(
    undo: Callable[[psycopg.Connection[Any], int], None], dsn: str
) -> Iterator[Callable[[int], object]]:
    """Yield this undo over a connection in autocommit."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        yield partial(undo, conn)
