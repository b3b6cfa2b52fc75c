"""What a run costs in round trips, beside the bare application with one transaction for each step."""

from __future__ import annotations

import asyncio
import selectors
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from pgunwind import AsyncUnwind, NotDefined, Unwind

Connection = psycopg.Connection[Any]
AsyncConnection = psycopg.AsyncConnection[Any]
Shop = Connection

STEPS = 5
BARE = 3 * STEPS
"""BEGIN, an insert and COMMIT for each step."""
START_AND_COMPLETE = 2
INSERT = "insert into orders (id) values (%s)"
FLUSH = b"H\0\0\0\4"
"""The message Flush, which libpq sends behind the end of a pipeline and which nothing answers."""
PORT = 5432


class CountingProxy:
    """Stands between client and server and counts how often the client speaks after the server has."""

    def __init__(self, directory: Path, dsn: str) -> None:
        with psycopg.connect(dsn) as connection:
            self._host, self._port = connection.info.host, connection.info.port
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(directory / f".s.PGSQL.{PORT}"))
        self._listener.listen()
        self.dsn = make_conninfo(dsn, host=str(directory), port=PORT, sslmode="disable")
        self.trips = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def count(self, work: Callable[[], object]) -> int:
        """Return the number of round trips that the work takes."""
        before = self.trips
        work()
        return self.trips - before

    async def count_async(self, work: Awaitable[object]) -> int:
        """Return the same of what is awaited."""
        before = self.trips
        await work
        return self.trips - before

    def close(self) -> None:
        """Let nobody in any more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=[client], daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, self._connect() as server, selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            clients_turn = True
            while True:
                for key, _ in ready.select():
                    try:
                        data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    except ConnectionResetError:
                        return
                    if not data:
                        return
                    if key.fileobj is server:
                        clients_turn = True
                    elif clients_turn and data != FLUSH:
                        clients_turn = False
                        self.trips += 1
                    key.data.sendall(data)

    def _connect(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, self._port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{self._host}/.s.PGSQL.{self._port}")
        return server


@pytest.fixture
def proxy(tmp_path_factory: pytest.TempPathFactory, dsn: str) -> Iterator[CountingProxy]:
    """Return a proxy before the database. Its directory has a short name: a socket's may not be long."""
    with closing(CountingProxy(tmp_path_factory.mktemp("p"), dsn)) as counting:
        yield counting


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
def test_connection(shop: Shop, proxy: CountingProxy, autocommit: bool) -> None:
    with psycopg.connect(proxy.dsn, autocommit=autocommit, prepare_threshold=None) as connection:
        unwind = Unwind(connection)
        unwindable(unwind, "warm up")
        assert proxy.count(lambda: bare(connection, "a")) == BARE
        assert proxy.count(lambda: unwindable(unwind, "b")) == BARE + START_AND_COMPLETE
        assert proxy.count(lambda: without_keys(unwind)) == BARE + START_AND_COMPLETE


@AUTOCOMMIT
def test_pool(shop: Shop, proxy: CountingProxy, autocommit: bool) -> None:
    options = {"autocommit": autocommit, "prepare_threshold": None}
    with ConnectionPool(proxy.dsn, kwargs=options, min_size=1, open=True) as pool:
        unwind = Unwind(pool)
        unwindable(unwind, "warm up")
        assert proxy.count(lambda: bare_on_pool(pool, "a")) == BARE
        assert proxy.count(lambda: unwindable(unwind, "b")) == BARE + START_AND_COMPLETE


@AUTOCOMMIT
def test_asynchronous_connection(shop: Shop, proxy: CountingProxy, autocommit: bool) -> None:
    async def main() -> None:
        options = {"autocommit": autocommit, "prepare_threshold": None}
        async with await psycopg.AsyncConnection.connect(proxy.dsn, **options) as connection:
            unwind = AsyncUnwind(connection)
            await async_unwindable(unwind, "warm up")
            assert await proxy.count_async(async_bare(connection, "a")) == BARE
            trips = await proxy.count_async(async_unwindable(unwind, "b"))
            assert trips == BARE + START_AND_COMPLETE

    asyncio.run(main())


@AUTOCOMMIT
def test_asynchronous_pool(shop: Shop, proxy: CountingProxy, autocommit: bool) -> None:
    async def main() -> None:
        options = {"autocommit": autocommit, "prepare_threshold": None}
        async with AsyncConnectionPool(proxy.dsn, kwargs=options, min_size=1, open=False) as pool:
            unwind = AsyncUnwind(pool)
            await async_unwindable(unwind, "warm up")
            assert await proxy.count_async(async_bare_on_pool(pool, "a")) == BARE
            trips = await proxy.count_async(async_unwindable(unwind, "b"))
            assert trips == BARE + START_AND_COMPLETE

    asyncio.run(main())


def test_refused_step_is_a_trip_and_its_rollback_another(shop: Shop, proxy: CountingProxy) -> None:
    def refused() -> None:
        with pytest.raises(NotDefined), run.step("nowhere", "a"):
            pytest.fail("the step was opened")

    with psycopg.connect(proxy.dsn, autocommit=True) as connection, Unwind(connection).run("shop") as run:
        assert proxy.count(refused) == 2
