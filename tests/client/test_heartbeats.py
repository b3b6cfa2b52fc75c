"""The heartbeat has a connection of its own, one for all runs of a client; a beat that is late is told."""

from __future__ import annotations

import asyncio
import os
import threading
import time
import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from clients import Client
from pgunwind import ClaimLost, LateHeartbeat, Unwind
from pgunwind._async_heartbeats import Heartbeats as AsyncHeartbeats
from pgunwind._async_sources import Conninfo as AsyncConninfo
from pgunwind._claims import Claim
from pgunwind._heartbeats import Heartbeats
from pgunwind._sources import Conninfo

Connection = psycopg.Connection[Any]
Connect = Callable[..., Connection]

LEASE = timedelta(milliseconds=600)
PATIENCE = 20.0

pytestmark = pytest.mark.filterwarnings("ignore::pgunwind.NothingRecorded")


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.005)


def expires(shop: Connection, run_id: str) -> Any:
    row = shop.execute("select lease_expires_at from unwind.workflow_runs where id = %s", [run_id]).fetchone()
    assert row is not None
    return row[0]


def lives_longer_than_its_lease(client: Client, shop: Connection, run_id: str) -> Callable[[], bool]:
    """A condition: the claim is renewed, again and again, after the lease is over."""
    first = expires(shop, run_id)
    return lambda: expires(shop, run_id) > first + LEASE and not client.Unwind(shop).recover_runs().recovered


def refuse() -> None:
    raise psycopg.OperationalError("nobody answers")


def test_a_pool_that_is_busy_for_longer_than_the_lease(client: Client, shop: Connection, dsn: str) -> None:
    with (
        client.pool(dsn, min_size=2, max_size=2, open=True) as pool,
        client.Unwind(pool).run("shop", lease=LEASE) as run,
        pool.connection(),
        pool.connection(),
    ):
        wait_until(lives_longer_than_its_lease(client, shop, run.id))
    assert run.result.status == "COMPLETED"


def test_steps_that_keep_every_connection_busy(
    client: Client, shop: Connection, dsn: str, in_background: Any
) -> None:
    opened, over = threading.Barrier(3, timeout=PATIENCE), threading.Event()

    def step(run: Any, key: str) -> None:
        with run.step("order", key) as conn:
            conn.execute("insert into orders (id) values (%s)", [key])
            opened.wait()
            assert over.wait(PATIENCE)

    with (
        client.pool(dsn, min_size=2, max_size=2, open=True) as pool,
        client.Unwind(pool).run("shop", lease=LEASE) as run,
    ):
        futures = [in_background(step, run, key) for key in ("a", "b")]
        opened.wait()
        wait_until(lives_longer_than_its_lease(client, shop, run.id))
        over.set()
        for future in futures:
            future.result()
    assert run.result.status == "COMPLETED"


def test_one_connection_for_all_runs_closed_with_the_last(client: Client, shop: Connection, dsn: str) -> None:
    unwind = client.Unwind(dsn)
    opened = client.opened_aside(unwind)
    with unwind.run("shop", lease=LEASE) as one:
        with unwind.run("shop", lease=LEASE) as two:
            for run in (one, two):
                wait_until(lives_longer_than_its_lease(client, shop, run.id))
        wait_until(lives_longer_than_its_lease(client, shop, one.id))
        assert [connection.closed for connection in opened] == [False]
    assert [connection.closed for connection in opened] == [True]


def test_nothing_is_connected_before_a_beat_is_due(client: Client, shop: Connection, dsn: str) -> None:
    unwind = client.Unwind(dsn)
    opened = client.opened_aside(unwind)
    with unwind.run("shop"):
        pass
    assert opened == []


def test_it_connects_again(client: Client, shop: Connection, dsn: str) -> None:
    unwind = client.Unwind(dsn)
    opened = client.opened_aside(unwind)
    with unwind.run("shop", lease=LEASE) as run:
        wait_until(lambda: opened)
        opened[0].pgconn.finish()
        wait_until(lambda: len(opened) > 1)
        wait_until(lives_longer_than_its_lease(client, shop, run.id))


def test_a_run_whose_row_is_locked_does_not_hold_up_the_others(
    client: Client, shop: Connection, dsn: str, connect: Connect
) -> None:
    holder = connect()
    unwind = client.Unwind(dsn)
    with (
        pytest.warns(LateHeartbeat, match="'locked'"),
        unwind.run("shop", run_id="locked", lease=LEASE),
        unwind.run("shop", lease=LEASE) as other,
    ):
        holder.execute("begin")
        holder.execute("select from unwind.workflow_runs where id = 'locked' for update")
        first = expires(shop, other.id)
        wait_until(lambda: expires(shop, other.id) > first + 2 * LEASE)
        holder.execute("rollback")


def test_a_late_beat_is_a_warning_once(client: Client, shop: Connection, dsn: str) -> None:
    unwind = client.Unwind(dsn)
    client.opened_aside(unwind, before=refuse)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with unwind.run("shop", run_id="r1", lease=LEASE) as run, run.step("order", "o1"):
            first = expires(shop, run.id)
            wait_until(lambda: caught)
            wait_until(lambda: shop.execute("select now() > %s", [first]).fetchone() == (True,))
    late = [str(warning.message) for warning in caught if warning.category is LateHeartbeat]
    assert len(late) == 1
    assert "run 'r1': no heartbeat was answered for" in late[0]


def test_an_error_for_who_wants_it_so_is_raised_where_the_run_goes_on(
    client: Client, shop: Connection, dsn: str
) -> None:
    unwind = client.Unwind(dsn)
    client.opened_aside(unwind, before=refuse)
    with pytest.raises(LateHeartbeat), unwind.run("shop", lease=LEASE) as run, run.step("order"):
        wait_until(lambda: run._claim.late)
        run.record("order", "o1")


@pytest.mark.filterwarnings("ignore::pgunwind.LateHeartbeat")
@pytest.mark.parametrize("way", ["step", "intend"])
def test_a_step_renews_the_lease_where_the_heartbeat_could_not(
    client: Client, shop: Connection, dsn: str, way: str
) -> None:
    unwind = client.Unwind(dsn)
    client.opened_aside(unwind, before=refuse)
    with unwind.run("shop", lease=LEASE) as run:
        first = expires(shop, run.id)
        wait_until(lambda: run._claim.late)
        if way == "intend":
            run.intend("order", "o1")
        else:
            with run.step("order", "o1"):
                assert expires(shop, run.id) > first, "others see it while the step is open"
        assert expires(shop, run.id) > first
        assert not run._claim.late


def test_a_step_that_comes_too_late_does_not_begin(client: Client, shop: Connection, dsn: str) -> None:
    unwind = client.Unwind(dsn)
    client.opened_aside(unwind, before=refuse)
    with pytest.raises(ClaimLost), warnings.catch_warnings(), unwind.run("shop", lease=LEASE) as run:
        warnings.simplefilter("ignore")
        wait_until(lambda: run._claim.late)
        shop.execute("update unwind.workflow_runs set claimed_by = 'thief'")
        with run.step("order", "o1"):
            raise AssertionError("no step begins")


def test_parallel_steps_do_not_wait_for_each_others_renewal(
    client: Client, shop: Connection, dsn: str, in_background: Any
) -> None:
    both = threading.Barrier(2, timeout=PATIENCE)

    def step(run: Any, key: str) -> None:
        with run.step("order", key):
            both.wait()  # open at the same time

    with client.pool(dsn, min_size=2, open=True) as pool, client.Unwind(pool).run("shop", lease=LEASE) as run:
        run._claim._renewed -= LEASE.total_seconds()
        for future in [in_background(step, run, key) for key in ("a", "b")]:
            future.result()


def test_late_is_when_less_than_a_third_is_left() -> None:
    now = 100.0
    claim = Claim("r", "w", timedelta(seconds=30), clock=lambda: now)
    assert not claim.late
    now = 119.0
    assert not claim.late
    now = 121.0
    assert claim.late
    claim.ending = True
    claim.warn_if_late()
    claim.ending = False
    with pytest.warns(LateHeartbeat, match=r"answered for 21\.0 s, its lease is 30 s"):
        claim.warn_if_late()
    claim.warn_if_late()
    claim.renewed(True, asked=now)
    assert not claim.late
    now = 142.0
    assert claim.late
    claim.renewed(False, asked=now)
    assert not claim.late, "lost is lost: no renewal is missed any more"


async def _async_heartbeats() -> AsyncHeartbeats:
    return AsyncHeartbeats(AsyncConninfo(""))


@pytest.mark.parametrize(
    "make",
    [lambda: Heartbeats(Conninfo("")), lambda: asyncio.run(_async_heartbeats())],
    ids=["sync", "async"],
)
@pytest.mark.parametrize(("now", "beats"), [(109.5, 0), (110.0, 1)])
def test_a_beat_is_due_at_its_time(make: Callable[[], Any], now: float, beats: int) -> None:
    made, times = make(), iter([100.0])
    made._claims = {Claim("r", "w", timedelta(seconds=30), clock=lambda: next(times, now))}
    assert len(made._due()) == beats


def test_a_loop_that_ends_with_its_last_run_has_nothing_left_to_ring() -> None:
    rung = []

    async def run() -> None:
        heartbeats = await _async_heartbeats()
        heartbeats._alarm._work = lambda: asyncio.sleep(0, rung.append(True))
        claim = Claim("r", "w", timedelta(microseconds=1))
        heartbeats.add(claim)  # due at once
        await heartbeats.drop(claim)
        for _ in range(3):
            await asyncio.sleep(0)

    asyncio.run(run())
    assert rung == []


# Its connection is made like the source's


@pytest.mark.parametrize("kind", ["connection", "conninfo", "pool", "pool by functions"])
def test_it_connects_as_the_source_does(
    client: Client, kind: str, shop: Connection, dsn: str, connect: Connect
) -> None:
    sources: dict[str, Callable[[], Any]] = {
        "connection": lambda: connect(application_name="mine"),
        "conninfo": lambda: psycopg.conninfo.make_conninfo(dsn, application_name="mine"),
        "pool": lambda: client.pool(dsn, kwargs={"application_name": "mine"}, open=False),
        "pool by functions": lambda: client.pool(
            lambda: dsn, kwargs=lambda: {"application_name": "mine"}, open=False
        ),
    }
    source = client.Unwind(sources[kind]())._source
    with client.call(source.connect) as own:
        assert own.execute("show application_name").fetchone() == ("mine",)
        assert own.autocommit
        assert own.info.get_parameters()["connect_timeout"] == "10"


def test_a_forked_process_has_a_heartbeat_of_its_own(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeats = Unwind(dsn)._heartbeats
    before = heartbeats.get()
    assert heartbeats.get() is before
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert heartbeats.get() is not before
