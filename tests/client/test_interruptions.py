"""A second signal or cancellation while a run ends: held back until it has ended; one more stops it."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from clients import Client, plain_connections
from pgunwind import AsyncUnwind, CompensationPending, Unwind
from pgunwind._shield import AsyncShield, Shield

Connect = Callable[..., psycopg.Connection[Any]]
Shop = psycopg.Connection[Any]

PATIENCE = 20.0
GATES = {
    "fail_run": "select from unwind.workflow_runs for key share",
    "compensate_run": "select from orders for update",
    "complete_run": "select from unwind.workflow_runs for key share",
}
"""What each of the calls that end a run waits for. The first and last as steps in flight hold it."""
AT = pytest.mark.parametrize("at", GATES)


class Interrupted(BaseException):
    """What the signal raises, as SystemExit is raised by many a handler of SIGTERM."""


class Signals:
    """Sends this process real signals, one after the other."""

    def __init__(self) -> None:
        self.arrived = 0

    def handle(self, *_: object) -> None:
        """Raise, as the signal arrives."""
        self.arrived += 1
        raise Interrupted(str(self.arrived))

    def send(self) -> None:
        """Send one, and wait until it has arrived."""
        expected = self.arrived + 1
        os.kill(os.getpid(), signal.SIGUSR1)
        wait_until(lambda: self.arrived == expected)


@pytest.fixture
def signals() -> Iterator[Signals]:
    sender = Signals()
    before = signal.signal(signal.SIGUSR1, sender.handle)
    yield sender
    signal.signal(signal.SIGUSR1, before)


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.005)


def somebody_waits(gate: Shop) -> bool:
    waiter = "select from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))"
    return gate.execute(waiter).fetchone() is not None


def close_gate(gate: Shop, at: str) -> None:
    gate.execute("begin")
    gate.execute(GATES[at].encode())


def status(shop: Shop) -> tuple[Any, ...]:
    row = shop.execute("select status from unwind.workflow_runs").fetchone()
    assert row is not None
    return row


def assert_stopped(shop: Shop, gate: Shop, at: str, pending: CompensationPending) -> None:
    """The server was told, nothing waits any more, and a sweep need not wait for the lease."""
    assert pending.unknown == ("completed" if at == "complete_run" else "undone")
    assert pending.hint is not None
    assert "compensate_run" in pending.hint
    assert not somebody_waits(gate)
    gate.execute("rollback")
    assert Unwind(shop).recover_runs().recovered == 1
    assert status(shop) == ("COMPENSATED",)
    assert shop.execute("select from orders").fetchall() == []


def assert_ended(shop: Shop, at: str, raised: BaseException) -> None:
    """It was done once, and says so."""
    if at == "complete_run":
        assert status(shop) == ("COMPLETED",)
        assert "is COMPLETED" in raised.__notes__[-1]
        return
    assert isinstance(raised.__cause__, ValueError)
    assert len([note for note in raised.__notes__ if "undone: 1 row in 1 table" in note]) == 1
    assert status(shop) == ("COMPENSATED",)


@pytest.fixture(params=["connection", "conninfo"])
def unwind(request: pytest.FixtureRequest, dsn: str, connect: Connect) -> Unwind:
    return Unwind(dsn if request.param == "conninfo" else connect())


def one_run(unwind: Unwind, gate: Shop, at: str) -> None:
    with unwind.run("shop") as run:
        with run.step("order", "o1") as conn:
            conn.execute("insert into orders (id) values ('o1')")
        close_gate(gate, at)
        if at != "complete_run":
            raise ValueError("boom")


@plain_connections
@AT
def test_a_signal_while_the_run_ends_is_held_back(
    at: str, shop: Shop, unwind: Unwind, connect: Connect, signals: Signals, in_background: Any
) -> None:
    gate = connect(shop.info.dsn)

    def interrupt() -> None:
        wait_until(lambda: somebody_waits(gate))
        signals.send()
        wait_until(lambda: somebody_waits(gate))  # the call goes on
        gate.execute("rollback")

    future = in_background(interrupt)
    with pytest.raises(Interrupted) as caught:
        one_run(unwind, gate, at)
    future.result()
    assert_ended(shop, at, caught.value)


@plain_connections
@AT
def test_the_next_signal_stops_it(
    at: str, shop: Shop, unwind: Unwind, connect: Connect, signals: Signals, in_background: Any
) -> None:
    gate = connect(shop.info.dsn)

    def interrupt() -> None:
        wait_until(lambda: somebody_waits(gate))
        signals.send()
        signals.send()

    future = in_background(interrupt)
    with pytest.raises(CompensationPending) as caught:
        one_run(unwind, gate, at)
    future.result()
    assert_stopped(shop, gate, at, caught.value)


@plain_connections
def test_the_first_ctrl_c_ends_the_body_and_is_what_goes_on(
    shop: Shop, unwind: Unwind, connect: Connect, signals: Signals, in_background: Any
) -> None:
    gate, in_body = connect(shop.info.dsn), threading.Event()

    def interrupt() -> None:
        assert in_body.wait(PATIENCE)
        signals.send()
        wait_until(lambda: somebody_waits(gate))
        signals.send()
        gate.execute("rollback")

    future = in_background(interrupt)
    with pytest.raises(Interrupted, match="1") as caught, unwind.run("shop") as run:
        with run.step("order", "o1") as conn:
            conn.execute("insert into orders (id) values ('o1')")
        close_gate(gate, "compensate_run")
        in_body.set()
        wait_until(lambda: False)
    future.result()
    assert status(shop) == ("COMPENSATED",)
    assert "undone: 1 row" in caught.value.__notes__[-1]


@plain_connections
def test_a_run_that_hangs_on_a_lock_is_ended_by_two_signals(
    shop: Shop, dsn: str, connect: Connect, signals: Signals, in_background: Any
) -> None:
    step = connect(autocommit=False)

    def interrupt() -> None:
        wait_until(lambda: somebody_waits(step))
        signals.send()
        signals.send()

    with pytest.raises(CompensationPending), Unwind(dsn).run("shop") as run:
        step.execute("select unwind.act_as(%s)", [run.worker])
        step.execute("select unwind.record_step(%s, 'order', 'o1')", [run.id])
        future = in_background(interrupt)
    future.result()
    step.commit()
    assert Unwind(shop).recover_runs().recovered == 1


@plain_connections
def test_pauses_between_tries_are_stopped_too(
    shop: Shop, dsn: str, connect: Connect, signals: Signals, in_background: Any
) -> None:
    paused = threading.Event()

    def backoff(failed: int) -> float:
        paused.set()
        return 1000.0

    def interrupt() -> None:
        assert paused.wait(PATIENCE)
        signals.send()
        signals.send()

    gate = connect(shop.info.dsn)
    future = in_background(interrupt)
    impatient = connect(shop.info.dsn)
    impatient.execute("set lock_timeout = '10ms'")
    with pytest.raises(CompensationPending):
        one_run(Unwind(impatient, backoff=backoff), gate, "fail_run")
    future.result()
    gate.execute("rollback")
    assert Unwind(shop).recover_runs().recovered == 1


def test_work_that_cannot_be_stopped_is_abandoned_by_one_more(signals: Signals, in_background: Any) -> None:
    begun, never, stops = threading.Event(), threading.Event(), []

    def work() -> None:
        begun.set()
        never.wait(PATIENCE)

    def interrupt() -> None:
        assert begun.wait(PATIENCE)
        for _ in range(3):
            signals.send()

    future = in_background(interrupt)
    shield = Shield()
    shield._stop_work = stops.append  # type: ignore[method-assign]
    outcome = shield.hold(lambda: False, work)
    future.result()
    never.set()
    assert [str(told) for told in (outcome.held, *stops, outcome.abandoned)] == ["1", "2", "3"]


def test_likewise_a_task_that_does_not_heed_its_cancellation() -> None:
    async def main() -> None:
        begun, end = asyncio.Event(), asyncio.Event()

        async def no() -> bool:
            return False

        async def work() -> None:
            begun.set()
            while not end.is_set():
                with suppress(asyncio.CancelledError):
                    await end.wait()

        holding = asyncio.create_task(AsyncShield().hold(no, work))
        await begun.wait()
        for _ in range(3):
            holding.cancel()
            for _ in range(3):  # until it has been heard of
                await asyncio.sleep(0)
        ended, _ = await asyncio.wait({holding}, timeout=PATIENCE)
        end.set()
        assert ended
        assert holding.result().held is not None and holding.result().abandoned is not None

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["connection", "conninfo"])
def test_a_connection_left_in_the_middle_of_a_call_is_cancelled_and_replaced(
    client: Client, kind: str, shop: Shop, dsn: str, connect: Connect
) -> None:
    gate = connect(shop.info.dsn)
    with (
        pytest.raises(ValueError, match="boom"),
        client.Unwind(dsn if kind == "conninfo" else connect()).run("shop") as run,
    ):
        with run.step("order", "o1") as conn:
            conn.execute("insert into orders (id) values ('o1')")
        close_gate(gate, "compensate_run")
        conn.pgconn.send_query(b"begin; update unwind.workflow_runs set metadata = '{}'; delete from orders")
        wait_until(lambda: somebody_waits(gate))
        gate.execute("rollback")
        raise ValueError("boom")
    assert conn.closed
    assert status(shop) == ("COMPENSATED",)


@pytest.mark.parametrize("kind", ["connection", "conninfo"])
def test_what_it_was_left_in_the_middle_of_is_ended_on_the_server(
    client: Client, kind: str, shop: Shop, dsn: str, connect: Connect
) -> None:
    """It waits for what does not come before it ends, and keeps the run's row meanwhile."""
    gate = connect(shop.info.dsn)
    gate.execute("select pg_advisory_lock(7)")
    with (
        pytest.raises(ValueError, match="boom"),
        client.Unwind(dsn if kind == "conninfo" else connect()).run("shop") as run,
    ):
        with run.step("order", "o1") as conn:
            conn.execute("insert into orders (id) values ('o1')")
        conn.pgconn.send_query(
            b"begin; update unwind.workflow_runs set metadata = '{}'; select pg_advisory_lock(7)"
        )
        wait_until(lambda: somebody_waits(gate))
        raise ValueError("boom")
    assert status(shop) == ("COMPENSATED",)


@pytest.mark.parametrize("kind", ["connection", "conninfo"])
def test_a_block_that_is_left_normally_in_the_middle_of_a_call_does_not_wait_for_its_answer(
    client: Client, kind: str, shop: Shop, dsn: str, connect: Connect
) -> None:
    gate = connect(shop.info.dsn)
    gate.execute("select pg_advisory_lock(7)")
    with client.Unwind(dsn if kind == "conninfo" else connect()).run("shop") as run:
        with run.step("order", "o1") as conn:
            conn.execute("insert into orders (id) values ('o1')")
        conn.pgconn.send_query(b"select pg_advisory_lock(7)")
        wait_until(lambda: somebody_waits(gate))
    assert conn.closed
    assert status(shop) == ("COMPLETED",)


# Cancellations


async def async_run(unwind: AsyncUnwind, gate: Shop, at: str) -> None:
    async with unwind.run("shop") as run:
        async with run.step("order", "o1") as conn:
            await conn.execute("insert into orders (id) values ('o1')")
        close_gate(gate, at)
        if at != "complete_run":
            raise ValueError("boom")


async def cancel(task: asyncio.Task[None], gate: Shop, times: int) -> None:
    """Cancel it when it waits for the gate, so often, each time when it has noticed."""
    await asyncio.to_thread(wait_until, lambda: somebody_waits(gate))
    for _ in range(times):
        task.cancel()
        for _ in range(5):
            await asyncio.sleep(0)


@plain_connections
@AT
def test_a_cancellation_while_the_run_ends_is_held_back(
    at: str, shop: Shop, dsn: str, connect: Connect
) -> None:
    gate = connect(shop.info.dsn)

    async def main() -> BaseException:
        task = asyncio.create_task(async_run(AsyncUnwind(dsn), gate, at))
        await cancel(task, gate, 1)
        await asyncio.to_thread(wait_until, lambda: somebody_waits(gate))  # the call goes on
        gate.execute("rollback")
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return caught.value

    assert_ended(shop, at, asyncio.run(main()))


@plain_connections
@AT
def test_the_next_cancellation_stops_it(at: str, shop: Shop, dsn: str, connect: Connect) -> None:
    gate = connect(shop.info.dsn)

    async def main() -> CompensationPending:
        task = asyncio.create_task(async_run(AsyncUnwind(dsn), gate, at))
        await cancel(task, gate, 2)
        with pytest.raises(CompensationPending) as caught:
            await task
        return caught.value

    assert_stopped(shop, gate, at, asyncio.run(main()))


@plain_connections
def test_a_cancelled_run_is_cancelled_again(shop: Shop, dsn: str, connect: Connect) -> None:
    gate = connect(shop.info.dsn)

    async def work(entered: asyncio.Event) -> None:
        async with AsyncUnwind(dsn).run("shop") as run:
            async with run.step("order", "o1") as conn:
                await conn.execute("insert into orders (id) values ('o1')")
            close_gate(gate, "fail_run")
            entered.set()
            await asyncio.Event().wait()

    async def main() -> None:
        entered = asyncio.Event()
        task = asyncio.create_task(work(entered))
        await entered.wait()
        task.cancel()
        await cancel(task, gate, 1)
        gate.execute("rollback")
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert "undone: 1 row" in caught.value.__notes__[-1]

    asyncio.run(main())
    assert status(shop) == ("COMPENSATED",)


@plain_connections
def test_the_end_of_the_event_loop_stops_it(shop: Shop, dsn: str, connect: Connect) -> None:
    gate = connect(shop.info.dsn)

    async def main() -> None:
        main.task = asyncio.create_task(async_run(AsyncUnwind(dsn), gate, "compensate_run"))  # type: ignore[attr-defined]
        await asyncio.to_thread(wait_until, lambda: somebody_waits(gate))

    asyncio.run(main())  # cancels what is left
    pending = main.task.exception()  # type: ignore[attr-defined]
    assert isinstance(pending, CompensationPending)
    assert_stopped(shop, gate, "compensate_run", pending)
