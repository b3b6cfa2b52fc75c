"""What the asynchronous ways share: a loop and a connection that live as long as the way is open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg

from . import Forward

T = TypeVar("T")


@contextmanager
def in_a_loop(
    dsn: str,
    begin: Callable[[psycopg.AsyncConnection], T],
    one: Callable[[T, int], Awaitable[object]],
) -> Iterator[Forward]:
    """Yield a function that executes runs in one loop; `begin` makes what `one` is given with each number."""

    async def execute(own: T, numbers: Iterable[int]) -> None:
        for number in numbers:
            await one(own, number)

    with asyncio.Runner() as runner:
        conn = runner.run(psycopg.AsyncConnection.connect(dsn, autocommit=True))
        try:
            own = begin(conn)
            yield lambda numbers: runner.run(execute(own, numbers))
        finally:
            runner.run(conn.close())
