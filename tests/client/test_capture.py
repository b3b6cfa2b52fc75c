"""A run that captures: what its transactions changed is undone, wherever they are, without recorded keys."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from clients import Client, plain_connections
from pgunwind import (
    ChangedSince,
    CompensationPending,
    NothingRecorded,
    OtherRunEntered,
    RunNotRunning,
    TransactionMismatch,
)

Shop = psycopg.Connection[Any]

BEFORE = [("old", "Ada")]
NEW = "insert into orders values ('new', 'Bob')"
UPDATE = "update orders set customer = 'x' where id = 'old'"


def orders(shop: Shop) -> list[tuple[str, str]]:
    return shop.execute("select id, customer from orders order by id").fetchall()


@pytest.fixture
def layer(client: Client, captured: Shop, dsn: str) -> Iterator[Any]:
    """Return the connection of an inner layer, which captures."""
    connection = client.capture_connection(dsn, autocommit=True)
    yield connection
    connection.close()


def test_what_a_step_changes_is_undone_with_what_it_records(client: Client, captured: Shop, dsn: str) -> None:
    with (
        pytest.raises(ValueError, match="boom") as caught,
        client.Unwind(dsn).run("shop", capture=True) as run,
    ):
        with run.step("order", "new") as conn:
            conn.execute(NEW)
            conn.execute("insert into order_lines (order_id) values ('new')")
            conn.execute(UPDATE)
        raise ValueError("boom")
    assert orders(captured) == BEFORE
    assert "3 rows in 2 tables" in caught.value.__notes__[0]
    assert "public.orders 2" in caught.value.__notes__[0]
    assert run.result.rows_deleted == 2
    assert sum(receipt.rows_reverted for receipt in run.result.receipts) == 1
    assert run.result.compensated_steps == ("order",)


@pytest.mark.parametrize("given", ["connection", "pool"])
def test_the_steps_of_a_run_on_connections_that_capture(
    client: Client, captured: Shop, dsn: str, given: str
) -> None:
    if given == "pool":
        source = client.pool(dsn, min_size=1, connection_class=client.CaptureConnection)
    else:
        source = client.capture_connection(dsn)
    with (
        source,
        pytest.raises(ValueError, match="boom"),
        client.Unwind(source).run("shop", capture=True) as run,
    ):
        with run.step("order", "new") as conn:
            conn.execute(NEW)
            with conn.transaction():
                conn.execute(UPDATE)
        raise ValueError("boom")
    assert orders(captured) == BEFORE


def test_what_completes_stays_and_can_be_undone_later(
    client: Client, captured: Shop, dsn: str, layer: Any
) -> None:
    unwind = client.Unwind(dsn)
    with unwind.run("shop", capture=True) as run:
        layer.execute(UPDATE)
        layer.execute(NEW)
    changes = unwind.find_changes(run.id)
    assert [(change.action, change.row_key, change.changed_columns) for change in changes] == [
        ("delete", "id=new", ()),
        ("update", "id=old", ("customer",)),
    ]
    assert changes[1].before == {"id": "old", "customer": "Ada"}
    assert unwind.preview_run(run.id)[0].step is None
    [receipt] = unwind.compensate_run(run.id, force=True)
    assert (receipt.step, receipt.rows_deleted, receipt.rows_reverted) == (None, 1, 1)
    assert orders(captured) == BEFORE


def test_a_row_that_somebody_else_has_changed_keeps_the_run_pending_until_it_is_skipped(
    client: Client, captured: Shop, dsn: str, layer: Any
) -> None:
    unwind = client.Unwind(dsn)
    with pytest.raises(CompensationPending) as caught, unwind.run("shop", capture=True) as run:
        layer.execute(UPDATE)
        layer.execute(NEW)
        captured.execute("update orders set customer = 'y' where id = 'old'")
        raise ValueError("boom")
    assert isinstance(caught.value.cause, ChangedSince)
    [total] = unwind.compensate_runs([run.id], on_conflict="skip")
    assert (total.rows_deleted, total.rows_skipped) == (1, 1)
    assert orders(captured) == [("old", "y")]


def test_an_attached_run_captures_too(client: Client, captured: Shop, dsn: str, layer: Any) -> None:
    unwind = client.Unwind(dsn)
    run_id = unwind.start_run("shop")
    with unwind.attach(run_id, capture=True):
        layer.execute(UPDATE)
    with pytest.raises(ValueError, match="boom"), unwind.attach(run_id, capture=True) as run:
        layer.execute(NEW)
        raise ValueError("boom")
    assert run.result.status == "COMPENSATED"
    assert orders(captured) == BEFORE


# Whose a transaction is


def test_a_transaction_is_of_the_run_in_whose_block_it_begins(
    client: Client, captured: Shop, dsn: str, layer: Any
) -> None:
    unwind = client.Unwind(dsn)
    with unwind.run("shop", capture=True) as outer:
        with layer.transaction():
            layer.execute(NEW)
            with unwind.run("shop", capture=True) as inner:
                layer.execute(UPDATE)
                inner.fail("boom")
        with unwind.run("shop", capture=True) as inner:
            layer.execute("insert into orders values ('inner')")
        with unwind.run("shop") as without:
            layer.execute("insert into orders values ('without')")
            with without.step("order", "step") as conn:
                conn.execute("insert into orders values ('step')")
        outer.fail("boom")
    assert orders(captured) == [("inner", None), *BEFORE, ("step", None), ("without", None)]
    unwind.compensate_run(inner.id, force=True)
    assert orders(captured) == [*BEFORE, ("step", None), ("without", None)]


def test_a_transaction_from_before_enters_with_its_first_statement_in_the_block(
    client: Client, captured: Shop, dsn: str, layer: Any
) -> None:
    unwind = client.Unwind(dsn)
    layer.execute("begin")
    layer.execute("insert into orders values ('before')")
    with unwind.run("shop", capture=True) as run:
        layer.execute(UPDATE)
        layer.execute("commit")
        run.fail("boom")
    assert orders(captured) == [("before", None), *BEFORE]


def test_a_transaction_of_another_run_is_not_entered(
    client: Client, captured: Shop, dsn: str, layer: Any
) -> None:
    unwind = client.Unwind(dsn)
    other = unwind.start_run("shop")
    with pytest.raises(OtherRunEntered), layer.transaction():
        unwind.enter_run(other, connection=layer)
        with unwind.run("shop", capture=True):
            layer.execute(UPDATE)


def test_what_was_given_to_record_is_captured_from_then_on(
    client: Client, captured: Shop, dsn: str, connect: Any
) -> None:
    request = connect()
    with client.Unwind(dsn).run("shop", capture=True) as run:
        with request.transaction():
            run.record("order", "new", connection=request)
            request.execute(NEW)
            request.execute(UPDATE)
        run.fail("boom")
    assert orders(captured) == BEFORE


def test_a_run_that_is_over_is_not_entered(client: Client, captured: Shop, dsn: str, layer: Any) -> None:
    unwind = client.Unwind(dsn)
    with pytest.raises(RunNotRunning), unwind.run("shop", run_id="r", capture=True):
        client.Unwind(dsn).compensate_run("r", force=True)
        layer.execute(UPDATE)
    assert orders(captured) == BEFORE
    layer.execute(UPDATE)  # fit, and in no run


# Threads


@plain_connections
@pytest.mark.parametrize("bound", [True, False])
def test_threads_are_outside_unless_they_are_bound(
    client: Client, captured: Shop, dsn: str, bound: bool
) -> None:
    at_once = threading.Barrier(4, timeout=20)

    def work(number: int) -> None:
        at_once.wait()
        with client.capture_connection(dsn) as conn:
            conn.execute("insert into orders values (%s)", [f"t{number}"])

    with client.Unwind(dsn).run("shop", capture=True) as run, ThreadPoolExecutor(4) as pool:
        list(pool.map(run.bind(work) if bound else work, range(4)))
        run.fail("boom")
        if not bound:
            run._state.capture.has_entered = True  # and no warning
    assert len(orders(captured)) == (1 if bound else 5)


@plain_connections
def test_a_bound_function_is_in_its_run_wherever_it_was_bound(
    client: Client, captured: Shop, dsn: str
) -> None:
    unwind = client.Unwind(dsn)
    with (
        client.capture_connection(dsn, autocommit=True) as layer,
        unwind.run("shop", capture=True) as outer,
    ):
        with unwind.run("shop", capture=True) as inner:
            layer.execute("insert into orders values ('inner')")
            assert outer.bind(lambda left, right: left + right)(1, right=2) == 3
            outer.bind(layer.execute)(UPDATE)
        outer.fail("boom")
    assert orders(captured) == [("inner", None), *BEFORE]
    assert [change.row_key for change in unwind.find_changes(inner.id)] == ["id=inner"]


# Ends


@contextmanager
def within(seconds: float = 5.0) -> Iterator[None]:
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < seconds


@pytest.mark.parametrize("fails", [False, True])
def test_a_transaction_left_open_is_named_and_nothing_hangs(
    client: Client, captured: Shop, dsn: str, layer: Any, fails: bool
) -> None:
    unwind = client.Unwind(dsn)
    left_open = pytest.raises((TransactionMismatch, CompensationPending))
    with within(), left_open as caught, unwind.run("shop", capture=True) as run:
        layer.execute("begin")
        layer.execute(UPDATE)
        (pid,) = layer.execute("select pg_backend_pid()").fetchone()
        if fails:
            raise ValueError("boom")
    mismatch = caught.value.cause if isinstance(caught.value, CompensationPending) else caught.value
    assert isinstance(mismatch, TransactionMismatch)
    assert "CaptureConnection [INTRANS]" in (mismatch.detail or "")
    assert f"session {pid}" in (mismatch.detail or "")
    layer.rollback()
    assert unwind.recover_runs().recovered == 1
    assert unwind.get_run(run.id).status == "COMPENSATED"


def test_who_captures_and_enters_nothing_is_warned(client: Client, captured: Shop, dsn: str) -> None:
    unwind = client.Unwind(dsn)
    with (
        pytest.warns(NothingRecorded, match="no transaction has entered it"),
        unwind.run("shop", capture=True),
    ):
        captured.execute(NEW)


def test_who_captures_in_a_step_without_a_key_is_not(client: Client, captured: Shop, dsn: str) -> None:
    with client.Unwind(dsn).run("shop", capture=True) as run, run.step("order") as conn:
        conn.execute(NEW)


def test_several_statements_that_end_a_transaction_are_refused(
    client: Client, captured: Shop, dsn: str, layer: Any
) -> None:
    for query in (f"begin; {UPDATE}; commit", f"{UPDATE}; commit; {NEW}", f"/* x */ commit;{NEW}"):
        with pytest.raises(TransactionMismatch), client.Unwind(dsn).run("shop", capture=True):
            layer.execute(query)
    with client.Unwind(dsn).run("shop", capture=True):
        layer.execute(f"insert into orders values ('; commit;'); {NEW} -- ; commit")
        layer.execute(
            "create function f() returns void begin atomic select 1; end; select 'commit; begin', $$; end;$$"
        )


def test_what_cannot_be_in_a_transaction_fails_by_itself(
    client: Client, captured: Shop, dsn: str, layer: Any
) -> None:
    with pytest.raises(psycopg.errors.ActiveSqlTransaction), client.Unwind(dsn).run("shop", capture=True):
        layer.execute("vacuum orders")
    layer.execute("vacuum orders")
