"""What a run costs in round trips, beside the bare application with one transaction for each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from bench.proxy import Proxy, proxy
from clients import Client
from pgunwind import NotDefined, NothingRecorded, Unwind

Connection = psycopg.Connection[Any]
AsyncConnection = psycopg.AsyncConnection[Any]
Shop = Connection

STEPS = 5
BARE = 3 * STEPS
"""BEGIN, an insert and COMMIT for each step."""
COMPLETE = 1
"""The start rides with the first step."""
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


AUTOCOMMIT = pytest.mark.parametrize("autocommit", [True, False], ids=["autocommit", "not autocommit"])


@AUTOCOMMIT
def test_connection(client: Client, shop: Shop, trips: Trips, autocommit: bool) -> None:
    with client.connect(trips.dsn, autocommit=autocommit, prepare_threshold=None) as connection:
        unwind = client.Unwind(connection)
        unwindable(unwind, "warm up")
        assert trips.count(lambda: bare(connection, "a")) == BARE
        assert trips.count(lambda: unwindable(unwind, "b")) == BARE + COMPLETE
        with pytest.warns(NothingRecorded):
            spent = trips.count(lambda: without_keys(unwind))
        assert spent == BARE + COMPLETE + ASK_WHAT_WAS_RECORDED


@AUTOCOMMIT
def test_pool(client: Client, shop: Shop, trips: Trips, autocommit: bool) -> None:
    options = {"autocommit": autocommit, "prepare_threshold": None}
    with client.pool(trips.dsn, kwargs=options, min_size=1, open=True) as pool:
        unwind = client.Unwind(pool)
        unwindable(unwind, "warm up")
        assert trips.count(lambda: bare_on_pool(pool, "a")) == BARE
        assert trips.count(lambda: unwindable(unwind, "b")) == BARE + COMPLETE


@pytest.mark.filterwarnings("ignore::pgunwind.NothingRecorded")
def test_refused_step_is_a_trip_and_its_rollback_another(client: Client, shop: Shop, trips: Trips) -> None:
    def refused() -> None:
        with pytest.raises(NotDefined), run.step("nowhere", "a"):
            pytest.fail("the step was opened")

    with (
        client.connect(trips.dsn, autocommit=True) as connection,
        client.Unwind(connection).run("shop") as run,
    ):
        assert trips.count(refused) == 2
