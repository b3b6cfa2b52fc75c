"""What a run costs in round trips, beside the bare application with one transaction for each step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from bench.proxy import Proxy, proxy
from pgunwind import AsyncUnwind, NotDefined, NothingRecorded, Unwind

Connection = psycopg.Connection[Any]
AsyncConnection = psycopg.AsyncConnection[Any]
Shop = Connection

STEPS = 5
BARE = 3 * STEPS
"""BEGIN, an insert and COMMIT for each step."""
START_AND_COMPLETE = 2
ASK_WHAT_WAS_RECORDED = 1
"""Where this client knows of nothing."""
INSERT = "insert into orders (id) values (%s)"


class Trips:
    """The round trips of work on connections to `dsn`."""

    def __init__(self, proxy: Proxy) -> None:
        self.dsn = proxy.dsn
        self._proxy = proxy

    def count(self, work: Callable[[], object]) -> int:
        """Return the number of round trips that the work takes."""
        before = self._proxy.traffic().trips
        work()
        return self._proxy.traffic().trips - before

    async def count_async(self, work: Awaitable[object]) -> int:
        """Return the same of what is awaited."""
        before = self._proxy.traffic().trips
        await work
        return self._proxy.traffic().trips - before


@pytest.fixture
def trips(dsn: str) -> Iterator[Trips]:
    with proxy(dsn) as counting:
        yield Trips(counting)


def keys(prefix: str) -> list[str]:
    return [f"{prefix}{number}" for number in range(STEPS)]


def bare(connection: Connection, prefix: str) -> None:
    for key in keys(prefix):
        with connection.transaction():
            connection.execute(INSERT, [key])


def bare_on_pool(pool: ConnectionPool[Connection], prefix: str) -> None:
    for key in keys(prefix):
        with pool.connection() as connection, connection.transaction():
            connection.execute(INSERT, [key])


def unwindable(unwind: Unwind, prefix: str) -> None:
    with unwind.run("shop") as run:
        for key in keys(prefix):
            with run.step("order", key) as conn:
                conn.execute(INSERT, [key])


def without_keys(unwind: Unwind) -> None:
    with unwind.run("shop") as run:
        for _ in range(STEPS):
            with run.step("order") as conn:
                conn.execute("select 1")


async def async_bare(connection: AsyncConnection, prefix: str) -> None:
    for key in keys(prefix):
        async with connection.transaction():
            await connection.execute(INSERT, [key])


async def async_bare_on_pool(pool: AsyncConnectionPool[AsyncConnection], prefix: str) -> None:
    for key in keys(prefix):
        async with pool.connection() as connection, connection.transaction():
            await connection.execute(INSERT, [key])


async def async_unwindable(unwind: AsyncUnwind, prefix: str) -> None:
    async with unwind.run("shop") as run:
        for key in keys(prefix):
            async with run.step("order", key) as conn:
                await conn.execute(INSERT, [key])


AUTOCOMMIT = pytest.mark.parametrize("autocommit", [True, False], ids=["autocommit", "not autocommit"])


@AUTOCOMMIT
def test_connection(shop: Shop, trips: Trips, autocommit: bool) -> None:
    with psycopg.connect(trips.dsn, autocommit=autocommit, prepare_threshold=None) as connection:
        unwind = Unwind(connection)
        unwindable(unwind, "warm up")
        assert trips.count(lambda: bare(connection, "a")) == BARE
        assert trips.count(lambda: unwindable(unwind, "b")) == BARE + START_AND_COMPLETE
        with pytest.warns(NothingRecorded):
            spent = trips.count(lambda: without_keys(unwind))
        assert spent == BARE + START_AND_COMPLETE + ASK_WHAT_WAS_RECORDED


@AUTOCOMMIT
def test_pool(shop: Shop, trips: Trips, autocommit: bool) -> None:
    options = {"autocommit": autocommit, "prepare_threshold": None}
    with ConnectionPool(trips.dsn, kwargs=options, min_size=1, open=True) as pool:
        unwind = Unwind(pool)
        unwindable(unwind, "warm up")
        assert trips.count(lambda: bare_on_pool(pool, "a")) == BARE
        assert trips.count(lambda: unwindable(unwind, "b")) == BARE + START_AND_COMPLETE


@AUTOCOMMIT
def test_asynchronous_connection(shop: Shop, trips: Trips, autocommit: bool) -> None:
    async def main() -> None:
        options = {"autocommit": autocommit, "prepare_threshold": None}
        async with await psycopg.AsyncConnection.connect(trips.dsn, **options) as connection:
            unwind = AsyncUnwind(connection)
            await async_unwindable(unwind, "warm up")
            assert await trips.count_async(async_bare(connection, "a")) == BARE
            assert await trips.count_async(async_unwindable(unwind, "b")) == BARE + START_AND_COMPLETE

    asyncio.run(main())


@AUTOCOMMIT
def test_asynchronous_pool(shop: Shop, trips: Trips, autocommit: bool) -> None:
    async def main() -> None:
        options = {"autocommit": autocommit, "prepare_threshold": None}
        async with AsyncConnectionPool(trips.dsn, kwargs=options, min_size=1, open=False) as pool:
            unwind = AsyncUnwind(pool)
            await async_unwindable(unwind, "warm up")
            assert await trips.count_async(async_bare_on_pool(pool, "a")) == BARE
            assert await trips.count_async(async_unwindable(unwind, "b")) == BARE + START_AND_COMPLETE

    asyncio.run(main())


@pytest.mark.filterwarnings("ignore::pgunwind.NothingRecorded")
def test_refused_step_is_a_trip_and_its_rollback_another(shop: Shop, trips: Trips) -> None:
    def refused() -> None:
        with pytest.raises(NotDefined), run.step("nowhere", "a"):
            pytest.fail("the step was opened")

    with psycopg.connect(trips.dsn, autocommit=True) as connection, Unwind(connection).run("shop") as run:
        assert trips.count(refused) == 2
