"""A run that is left while a transaction still holds its row: it says so, and nothing hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import sqlalchemy
from sqlalchemy.orm import Session

from clients import Client, plain_connections
from pgunwind import CompensationPending, TransactionMismatch

Connect = Callable[..., psycopg.Connection[Any]]
Count = Callable[[str], int]
RunRow = Callable[[str], tuple[str, str | None]]
Shop = psycopg.Connection[Any]

AT_ONCE = 5.0
SHORT = timedelta(milliseconds=200)
ORDER = "insert into orders (id) values (%s)"


def at_once(failed: int) -> float:
    return 0.0


@contextmanager
def within(seconds: float = AT_ONCE) -> Iterator[None]:
    """Nothing here takes long."""
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < seconds


def pid_of(conn: psycopg.Connection[Any]) -> int:
    row = conn.execute("select pg_backend_pid()").fetchone()
    assert row is not None
    return int(row[0])


def assert_swept(client: Client, shop: Shop, run_id: str) -> None:
    """Nobody has to wait for the lease, and nothing is left."""
    assert client.Unwind(shop).recover_runs().recovered == 1
    assert shop.execute("select status from unwind.workflow_runs where id = %s", [run_id]).fetchone() == (
        "COMPENSATED",
    )
    assert shop.execute("select from orders").fetchall() == []


def one_step(run: Any) -> None:
    with run.step("order", "o1") as conn:
        conn.execute(ORDER, ["o1"])


# Given to record(), and not ended


@plain_connections
def test_a_session_of_sqlalchemy_around_the_run(client: Client, shop: Shop, dsn: str) -> None:
    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(dsn, prepare_threshold=None)

    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=connect)
    unwind = client.Unwind(dsn)
    with (
        within(),
        pytest.raises(TransactionMismatch) as caught,
        Session(engine) as session,
        session.begin(),
        unwind.run("shop") as run,
    ):
        one_step(run)
        raw = session.connection().connection.driver_connection
        run.record("order", "o2", connection=raw)
        session.execute(sqlalchemy.text("insert into orders (id) values ('o2')"))
    engine.dispose()
    assert run.id in caught.value.message
    assert caught.value.hint is not None
    assert "Commit or roll back before the run's block ends" in caught.value.hint
    assert "recover_runs will do it" in caught.value.__notes__[0]
    assert_swept(client, shop, run.id)


def test_a_transaction_around_the_request(
    client: Client, shop: Shop, dsn: str, connect: Connect, run_row: RunRow
) -> None:
    request = connect()
    unwind = client.Unwind(dsn)
    with within(), pytest.raises(TransactionMismatch) as caught, request.transaction():
        pid = pid_of(request)
        with unwind.run("shop") as run:
            one_step(run)
            with request.transaction():
                run.record("order", "o2", connection=request)
                request.execute(ORDER, ["o2"])
    assert f"session {pid}" in (caught.value.detail or "")
    assert f"pg_terminate_backend({pid})" in (caught.value.detail or "")
    assert run_row(run.id)[0] == "RUNNING"
    assert_swept(client, shop, run.id)


def test_an_exception_of_the_body_is_pending_at_once(
    client: Client, shop: Shop, dsn: str, connect: Connect
) -> None:
    request = connect()
    unwind = client.Unwind(dsn)
    with (
        within(),
        pytest.raises(CompensationPending) as caught,
        request.transaction(),
        unwind.run("shop") as run,
    ):
        one_step(run)
        run.record("order", "o2", connection=request)
        raise ValueError("boom")
    assert isinstance(caught.value.__cause__, ValueError)
    assert isinstance(caught.value.cause, TransactionMismatch)
    assert_swept(client, shop, run.id)


def test_what_the_transaction_commits_all_the_same_is_swept(
    client: Client, shop: Shop, dsn: str, connect: Connect
) -> None:
    request = connect()
    unwind = client.Unwind(dsn)
    with request.transaction():
        with within(), pytest.raises(TransactionMismatch), unwind.run("shop") as run:
            run.record("order", "o1", connection=request)
            request.execute(ORDER, ["o1"])
        assert client.Unwind(shop).recover_runs().recovered == 0, "not while the transaction is open"
    assert shop.execute("select from orders").rowcount == 1
    assert_swept(client, shop, run.id)


def test_undoing_by_hand_is_possible_as_soon_as_the_transaction_ends(
    client: Client, shop: Shop, dsn: str, connect: Connect
) -> None:
    request = connect(autocommit=False)
    unwind = client.Unwind(dsn)
    with within(), pytest.raises(TransactionMismatch), unwind.run("shop") as run:
        one_step(run)
        run.record("order", "o2", connection=request)
    request.rollback()
    assert [receipt.rows_deleted for receipt in unwind.compensate_run(run.id)] == [1]


@pytest.mark.filterwarnings("ignore::pgunwind.NothingRecorded")
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_transaction_begun_anew_is_no_obstacle(
    client: Client, shop: Shop, dsn: str, connect: Connect, count: Count, end: str
) -> None:
    request = connect(autocommit=False)
    with within(), client.Unwind(dsn).run("shop") as run:
        run.record("order", "o1", connection=request)
        request.execute(ORDER, ["o1"])
        getattr(request, end)()
        request.execute("select from orders")
    assert run.result.status == "COMPLETED"
    assert count("orders") == (1 if end == "commit" else 0)


def test_a_connection_that_was_closed_is_no_obstacle(
    client: Client, shop: Shop, dsn: str, connect: Connect
) -> None:
    request = connect(autocommit=False)
    with within(), pytest.raises(ValueError, match="boom"), client.Unwind(dsn).run("shop") as run:
        run.record("order", "o1", connection=request)
        request.close()
        raise ValueError("boom")
    assert run.result.status == "COMPENSATED"


# A step in flight elsewhere


@pytest.mark.parametrize("fails", [False, True], ids=["left normally", "left by an exception"])
def test_a_step_left_idle_in_another_thread_is_waited_for_only_so_long(
    client: Client, shop: Shop, dsn: str, in_background: Any, fails: bool
) -> None:
    opened, over = threading.Event(), threading.Event()
    pids: list[int] = []

    def idle(run: Any) -> None:
        with run.step("order", "o2") as conn:
            pids.append(pid_of(conn))
            opened.set()
            assert over.wait(20)
            raise psycopg.Rollback

    unwind = client.Unwind(dsn, backoff=at_once, lock_timeout=SHORT)
    other = client.Unwind(dsn)
    with within(), pytest.raises(CompensationPending) as caught, unwind.run("shop") as run:
        one_step(run)
        run._source = other._source  # a connection for each step, as a pool has
        future = in_background(idle, run)
        assert opened.wait(20)
        if fails:
            raise ValueError("boom")
    over.set()
    future.result()
    first = caught.value.causes[0] if fails else caught.value.__cause__
    assert isinstance(first, psycopg.errors.LockNotAvailable)
    assert f"session {pids[0]}" in first.__notes__[0]
    assert_swept(client, shop, run.id)


def test_a_step_that_ends_in_time_is_waited_for(
    client: Client, shop: Shop, connect: Connect, in_background: Any, count: Count
) -> None:
    step = connect(autocommit=False)
    unwind = client.Unwind(connect())

    def commit() -> None:
        waiter = "select from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))"
        deadline = time.monotonic() + 20
        while step.execute(waiter).fetchone() is None:
            assert time.monotonic() < deadline, "nobody ever waited"
        step.execute(ORDER, ["o1"])
        step.commit()

    with unwind.run("shop") as run:
        unwind.act_as(run.worker, connection=step)
        unwind.record_step(run.id, "order", "o1", connection=step)
        future = in_background(commit)
    future.result()
    assert run.result.status == "COMPLETED"
    assert count("orders") == 1


def test_the_sessions_own_lock_timeout_is_kept(client: Client, shop: Shop, connect: Connect) -> None:
    impatient = connect(shop.info.dsn)
    impatient.execute("set lock_timeout = '50ms'")
    holder = connect(shop.info.dsn)
    with within(), pytest.raises(CompensationPending), client.Unwind(impatient, attempts=1).run("shop"):
        holder.execute("begin")
        holder.execute("select from unwind.workflow_runs for update")
    holder.execute("rollback")
    assert impatient.execute("show lock_timeout").fetchone() == ("50ms",)


def test_the_clients_lock_timeout_does_not_outlast_its_call(
    client: Client, shop: Shop, connect: Connect
) -> None:
    conn = connect()
    with client.Unwind(conn, lock_timeout=SHORT).run("shop") as run, run.step("order", "o1"):
        pass
    assert conn.execute("show lock_timeout").fetchone() == ("0",)


@pytest.mark.parametrize("lock_timeout", [timedelta(0), timedelta(-1)])
def test_a_lock_timeout_is_longer_than_zero(client: Client, dsn: str, lock_timeout: timedelta) -> None:
    with pytest.raises(ValueError, match="longer than zero"):
        client.Unwind(dsn, lock_timeout=lock_timeout)
