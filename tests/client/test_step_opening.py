"""A step's BEGIN and record are sent together; what then goes wrong goes wrong as if they were not."""

from __future__ import annotations

import _thread
import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from clients import Client, plain_connections
from pgunwind import (
    AsyncUnwind,
    EntityOwnedElsewhere,
    NotDefined,
    TransactionMismatch,
    Unwind,
    _async_messages,
    _async_step,
    _messages,
    _step,
)
from pgunwind._io import in_autocommit

Count = Callable[[str], int]
Connect = Callable[..., psycopg.Connection[Any]]
Shop = psycopg.Connection[Any]

pytestmark = pytest.mark.filterwarnings("ignore::pgunwind.NothingRecorded")

INSERT = "insert into orders (id) values ('o1')"
AUTOCOMMIT = pytest.mark.parametrize("autocommit", [True, False])
PATIENCE = 20.0


@pytest.fixture(params=["in messages", "one by one"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do with a psycopg that has the undocumented parts, and with one that has not."""
    if request.param == "one by one":
        for module in (_messages, _async_messages, _step, _async_step):
            monkeypatch.setattr(module, "can_send_messages", lambda connection: False)


def assert_usable(connection: psycopg.Connection[Any], autocommit: bool) -> None:
    """It is idle, as it was, and takes the next statement."""
    assert connection.info.transaction_status is TransactionStatus.IDLE
    assert connection.autocommit is autocommit
    assert connection.execute("select 1").fetchone() == (1,)
    connection.rollback()


@AUTOCOMMIT
def test_step_is_committed(
    client: Client, way: None, shop: Shop, connect: Connect, count: Count, autocommit: bool
) -> None:
    conn = connect(autocommit=autocommit)
    with client.Unwind(conn).run("shop") as run:
        with run.step("order", "o1") as own:
            own.execute(INSERT)
        assert count("orders") == 1
        with run.step("invoice") as own:
            own.execute("insert into invoices (order_id) values ('o1')")
        assert count("invoices") == 1
    assert run.result.steps == ("order", "invoice")
    assert_usable(conn, autocommit)


@AUTOCOMMIT
def test_refused_record_is_translated_and_leaves_the_connection_usable(
    client: Client, way: None, shop: Shop, connect: Connect, autocommit: bool
) -> None:
    conn = connect(autocommit=autocommit)
    unwind = client.Unwind(conn)
    with unwind.run("shop") as first, first.step("order", "o1"):
        pass
    with unwind.run("shop") as run:
        for step, refusal in [("order", EntityOwnedElsewhere), ("nowhere", NotDefined)]:
            with pytest.raises(refusal) as caught, run.step(step, "o1"):
                pytest.fail("the step was opened")
            assert caught.value.hint
            assert_usable(conn, autocommit)
    assert run.result.status == "COMPLETED"
    assert run.result.steps == ()


@AUTOCOMMIT
def test_commit_and_rollback_are_left_to_the_step(
    client: Client, way: None, shop: Shop, connect: Connect, count: Count, autocommit: bool
) -> None:
    conn = connect(autocommit=autocommit)
    with client.Unwind(conn).run("shop") as run, run.step("order", "o1") as own:
        own.execute(INSERT)
        for end in (own.commit, own.rollback):
            with pytest.raises(psycopg.ProgrammingError, match="forbidden within a Transaction"):
                end()
    assert count("orders") == 1
    assert_usable(conn, autocommit)
    conn.execute("select 1")
    conn.commit()


@AUTOCOMMIT
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_transaction_that_was_ended_within_its_step_is_no_commit(
    client: Client, way: None, shop: Shop, connect: Connect, autocommit: bool, end: str
) -> None:
    conn = connect(autocommit=autocommit)
    with (
        pytest.raises(TransactionMismatch, match="ended within it") as caught,
        client.Unwind(conn).run("shop") as run,
        run.step("order", "o1") as own,
    ):
        own.execute(end)
    assert caught.value.hint is not None
    assert run.result.steps == ()
    assert run.result.status == "COMPENSATED"
    assert_usable(conn, autocommit)


@AUTOCOMMIT
def test_a_step_whose_statement_failed_is_no_commit_though_nobody_raised(
    client: Client, way: None, shop: Shop, connect: Connect, autocommit: bool
) -> None:
    conn = connect(autocommit=autocommit)
    with client.Unwind(conn).run("shop") as run:
        with (
            pytest.raises(TransactionMismatch, match="has failed"),
            run.step("order", "o1") as own,
            suppress(psycopg.errors.DivisionByZero),
        ):
            own.execute("select 1 / 0")
        with run.step("order", "o2") as own:
            with pytest.raises(psycopg.errors.DivisionByZero), own.transaction():
                own.execute("select 1 / 0")
            own.execute("insert into orders (id) values ('o2')")
    assert run.result.steps == ("order",)
    assert run.recorded("order") == (("o2",),)
    assert_usable(conn, autocommit)


@AUTOCOMMIT
def test_rollback_of_the_users_is_kept_from_the_run(
    client: Client, way: None, shop: Shop, connect: Connect, count: Count, autocommit: bool
) -> None:
    conn = connect(autocommit=autocommit)
    with client.Unwind(conn).run("shop") as run:
        with run.step("order", "o1") as own:
            own.execute(INSERT)
            raise psycopg.Rollback
        assert_usable(conn, autocommit)
    assert count("orders") == 0


@AUTOCOMMIT
def test_step_in_a_pipeline_of_the_users(
    client: Client, shop: Shop, connect: Connect, count: Count, autocommit: bool
) -> None:
    conn = connect(autocommit=autocommit)
    with client.Unwind(conn).run("shop") as run:
        with conn.pipeline(), run.step("order", "o1"):
            conn.execute(INSERT)
        assert count("orders") == 1
    assert run.result.status == "COMPLETED"
    assert_usable(conn, autocommit)


def test_pipeline_of_the_users_in_a_step(client: Client, shop: Shop, connect: Connect, count: Count) -> None:
    conn = connect(autocommit=False)
    with client.Unwind(conn).run("shop") as run, run.step("order", "o1"), conn.pipeline():
        conn.execute(INSERT)
        conn.execute("insert into order_lines (order_id) values ('o1')")
    assert (count("orders"), count("order_lines")) == (1, 1)


@AUTOCOMMIT
def test_step_begins_as_its_connection_says(
    client: Client, shop: Shop, connect: Connect, autocommit: bool
) -> None:
    conn = connect(autocommit=autocommit)
    conn.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
    with client.Unwind(conn).run("shop") as run, run.step("order", "o1") as own:
        assert own.execute("show transaction_isolation").fetchone() == ("serializable",)


def test_calls_begin_as_their_connection_says(client: Client, shop: Shop, connect: Connect) -> None:
    shop.execute(f"alter database {shop.info.dbname} set default_transaction_read_only = on".encode())
    conn = connect(autocommit=False)
    conn.read_only = False
    with client.Unwind(conn).run("shop") as run, run.step("order", "o1") as own:
        own.execute(INSERT)
    assert run.result.status == "COMPLETED"


@plain_connections
def test_what_an_interrupt_leaves_open_is_rolled_back(connect: Connect) -> None:
    conn = connect(autocommit=False)
    with pytest.raises(KeyboardInterrupt), in_autocommit(conn):
        conn.execute("begin")
        raise KeyboardInterrupt
    assert_usable(conn, autocommit=False)


# Interrupted while the record waits for another run that has recorded the same key


def wait_for_a_waiter(holder: Shop) -> None:
    waiter = "select pid from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))"
    deadline = time.monotonic() + PATIENCE
    while holder.execute(waiter).fetchone() is None:
        assert time.monotonic() < deadline, "nobody ever waited"
        time.sleep(0.005)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """See to it that an interrupt raises: what a shell starts in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@plain_connections
@AUTOCOMMIT
def test_interrupted_record(interruptible: None, shop: Shop, connect: Connect, autocommit: bool) -> None:
    def interrupt() -> None:
        wait_for_a_waiter(shop)
        _thread.interrupt_main()

    conn = connect(autocommit=autocommit)
    Unwind(shop).start_run("shop", "other")
    with shop.transaction():
        Unwind(shop).record_step("other", "order", "o1")
        with pytest.raises(KeyboardInterrupt), Unwind(conn).run("shop") as run:
            threading.Thread(target=interrupt).start()
            with run.step("order", "o1"):
                pytest.fail("the step was opened")
    assert run.result.status == "COMPENSATED"
    assert_usable(conn, autocommit)


@plain_connections
@AUTOCOMMIT
def test_cancelled_record(shop: Shop, dsn: str, autocommit: bool) -> None:
    async def work(connection: psycopg.AsyncConnection[Any]) -> None:
        async with AsyncUnwind(connection).run("shop", run_id="r1") as run, run.step("order", "o1"):
            pytest.fail("the step was opened")

    async def main() -> None:
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=autocommit) as connection:
            task = asyncio.create_task(work(connection))
            await asyncio.to_thread(wait_for_a_waiter, shop)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            assert "undone" in caught.value.__notes__[0]
            assert connection.info.transaction_status is TransactionStatus.IDLE
            assert connection.autocommit is autocommit
            await connection.execute("select 1")

    Unwind(shop).start_run("shop", "other")
    with shop.transaction():
        Unwind(shop).record_step("other", "order", "o1")
        asyncio.run(main())
