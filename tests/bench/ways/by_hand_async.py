"""The ledger by hand, in asyncio."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg

from .. import small_steps
from . import ASYNC, BY_HAND, Forward
from .asynchronous import in_a_loop
from .by_hand import COMPLETE, RECORD, START

NAME = BY_HAND + ASYNC


@contextmanager
def opened(dsn: str, steps: int) -> Iterator[Forward]:
    """Yield the application with its ledger."""

    async def forward(conn: psycopg.AsyncConnection, _: int) -> None:
        run = str(uuid4())
        await conn.execute(START, [run, "worker"])
        for step in range(steps):
            key = small_steps.key(run, step)
            async with conn.transaction():
                recorded = await conn.execute(RECORD[step], {"run": run, "worker": "worker", "key": key})
                if recorded.rowcount != 1:
                    raise RuntimeError("the run was taken away, or the row was there before")
                await conn.execute(small_steps.INSERT[step], [key])
        completed = await conn.execute(COMPLETE, [run, "worker"])
        if completed.rowcount != 1:
            raise RuntimeError("the run was taken away")

    with in_a_loop(dsn, lambda conn: conn, forward) as work:
        yield work
