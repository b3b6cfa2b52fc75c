"""The application alone, in asyncio."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from .. import small_steps
from . import ASYNC, BARE, Forward
from .asynchronous import in_a_loop

NAME = BARE + ASYNC


@contextmanager
def opened(dsn: str, steps: int) -> Iterator[Forward]:
    """Yield the application."""

    async def forward(conn: psycopg.AsyncConnection, number: int) -> None:
        for step in range(steps):
            async with conn.transaction():
                await conn.execute(small_steps.INSERT[step], [small_steps.key(number, step)])

    with in_a_loop(dsn, lambda conn: conn, forward) as work:
        yield work
