"""What a run does when its block is left: normally, by an exception, and when it cannot be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from clients import Client
from pgunwind import (
    CompensationPending,
    EntityOwnedElsewhere,
    RunNotRunning,
    RunResult,
    TransactionMismatch,
    UndoRefused,
)

Count = Callable[[str], int]
RunRow = Callable[[str], tuple[str, str | None]]
Shop = psycopg.Connection[Any]

pytestmark = pytest.mark.filterwarnings("ignore::pgunwind.NothingRecorded")


class QcFailed(Exception):
    """The application's own error."""


def place_order(conn: psycopg.Connection[Any], order: str, lines: int = 2) -> None:
    conn.execute("insert into orders (id) values (%s)", [order])
    conn.execute("insert into order_lines (order_id) select %s from generate_series(1, %s)", [order, lines])


def test_left_normally_is_completed(client: Client, shop: Shop, count: Count, run_row: RunRow) -> None:
    with client.Unwind(shop).run("shop", run_id="r1", business_key="b", metadata={"by": "test"}) as run:
        with run.step("order", "o1") as conn:
            place_order(conn, "o1")
        assert run.result.status == "RUNNING"
    assert run.result == RunResult("r1", "shop", "COMPLETED", ("order",), (), None)
    assert run_row("r1") == ("COMPLETED", None)
    assert (count("orders"), count("order_lines")) == (1, 2)


def test_run_id_is_a_uuid_where_none_is_given(client: Client, shop: Shop) -> None:
    with client.Unwind(shop).run("shop") as run:
        assert len(run.id) == 36
        assert run.workflow == "shop"


def test_exception_undoes_the_run_and_goes_on_with_a_note(
    client: Client, shop: Shop, count: Count, run_row: RunRow
) -> None:
    with pytest.raises(QcFailed) as caught, client.Unwind(shop).run("shop", run_id="r1") as run:
        with run.step("order", "o1") as conn:
            place_order(conn, "o1")
        raise QcFailed("score 0.2")
    assert caught.value.__notes__ == [
        "pgunwind: run 'r1' undone: 3 rows in 2 tables (public.order_lines 2, public.orders 1)"
    ]
    assert run.result.status == "COMPENSATED"
    assert run.result.steps == run.result.compensated_steps == ("order",)
    assert run.result.rows_deleted == 3
    assert run.result.error == "QcFailed: score 0.2"
    assert run_row("r1") == ("COMPENSATED", "QcFailed: score 0.2")
    assert (count("orders"), count("order_lines")) == (0, 0)


def test_failing_step_is_rolled_back_and_is_no_completed_step(
    client: Client, shop: Shop, count: Count
) -> None:
    with pytest.raises(QcFailed), client.Unwind(shop).run("shop") as run:
        with run.step("order", "o1") as conn:
            place_order(conn, "o1")
        with run.step("invoice") as conn:
            conn.execute("insert into invoices (order_id) values ('o1')")
            raise QcFailed
    assert run.result.steps == ("order",)
    assert (count("orders"), count("invoices")) == (0, 0)


def test_keyboard_interrupt_undoes_the_run_too(client: Client, shop: Shop, count: Count) -> None:
    with pytest.raises(KeyboardInterrupt), client.Unwind(shop).run("shop") as run:
        with run.step("order", "o1") as conn:
            place_order(conn, "o1")
        raise KeyboardInterrupt
    assert run.result.status == "COMPENSATED"
    assert count("orders") == 0


def test_rolled_back_step_is_no_completed_step(client: Client, shop: Shop) -> None:
    with client.Unwind(shop).run("shop") as run, run.step("order", "o1"):
        raise psycopg.Rollback
    assert run.result.steps == ()


def test_record_adds_keys_that_are_known_later(client: Client, shop: Shop, count: Count) -> None:
    with pytest.raises(QcFailed), client.Unwind(shop).run("shop") as run:
        with run.step("invoice") as conn:
            for _ in range(3):
                row = conn.execute("insert into invoices (order_id) values ('o1') returning id").fetchone()
                assert row is not None
                run.record("invoice", row[0])
        assert count("invoices") == 3
        raise QcFailed
    assert count("invoices") == 0


def test_record_takes_the_transaction_of_another_connection(
    client: Client, shop: Shop, dsn: str, count: Count
) -> None:
    with pytest.raises(QcFailed), client.Unwind(dsn).run("shop") as run:
        with shop.transaction():
            run.record("order", "o1", connection=shop)
            place_order(shop, "o1")
        raise QcFailed
    assert count("orders") == 0


def test_record_outside_a_transaction_is_refused(client: Client, shop: Shop, dsn: str) -> None:
    with pytest.raises(TransactionMismatch, match="no step"), client.Unwind(dsn).run("shop") as run:
        run.record("order", "o1")
    with pytest.raises(TransactionMismatch, match="in no transaction"), client.Unwind(dsn).run("shop") as run:
        run.record("order", "o1", connection=shop)


def test_intend_covers_what_inner_layers_commit_by_themselves(
    client: Client, shop: Shop, dsn: str, count: Count
) -> None:
    with pytest.raises(QcFailed), client.Unwind(dsn).run("shop") as run:
        run.intend("order", "o1")
        place_order(shop, "o1")
        raise QcFailed
    assert count("orders") == 0


def test_claimed_run_speaks_as_its_worker(client: Client, shop: Shop, count: Count) -> None:
    unwind = client.Unwind(shop)
    with pytest.raises(QcFailed), unwind.run("shop", worker="w1") as run:
        with run.step("order", "o1") as conn:
            place_order(conn, "o1")
        run.intend("order", "o2")
        raise QcFailed
    assert run.result.status == "COMPENSATED"
    assert count("orders") == 0
    with unwind.run("shop", worker="w1") as run:
        pass
    assert run.result.status == "COMPLETED"


def test_entity_of_another_run_is_refused_and_only_the_second_run_undone(
    client: Client, shop: Shop, count: Count
) -> None:
    unwind = client.Unwind(shop)
    with unwind.run("shop") as first, first.step("order", "o1") as conn:
        place_order(conn, "o1")
    with (
        pytest.raises(EntityOwnedElsewhere) as caught,
        unwind.run("shop") as second,
        second.step("order", "o1"),
    ):
        pytest.fail("the step was opened")
    assert second.result.status == "COMPENSATED"
    assert "nothing was recorded" in caught.value.__notes__[0]
    assert count("orders") == 1


def test_run_that_was_undone_meanwhile_cannot_complete(client: Client, shop: Shop, count: Count) -> None:
    unwind = client.Unwind(shop)
    with pytest.raises(RunNotRunning), unwind.run("shop") as run:
        with run.step("order", "o1") as conn:
            place_order(conn, "o1")
        unwind.compensate_run(run.id, force=True)
    assert run.result.status == "COMPENSATED"
    assert run.result.rows_deleted == 3
    assert count("orders") == 0


def test_run_that_was_completed_meanwhile_is_not_undone(client: Client, shop: Shop, count: Count) -> None:
    unwind = client.Unwind(shop)
    with pytest.raises(QcFailed) as caught, unwind.run("shop") as run:
        with run.step("order", "o1") as conn:
            place_order(conn, "o1")
        with shop.transaction():
            unwind.act_as(run.worker, connection=shop)
            unwind.complete_run(run.id)
        raise QcFailed
    assert run.result.status == "COMPLETED"
    assert any("nothing was undone" in note for note in caught.value.__notes__)
    assert count("orders") == 1


def test_completing_a_completed_run_is_no_error(client: Client, shop: Shop) -> None:
    unwind = client.Unwind(shop)
    with unwind.run("shop") as run, shop.transaction():
        unwind.act_as(run.worker, connection=shop)
        unwind.complete_run(run.id)
    assert run.result.status == "COMPLETED"


def test_failing_compensation_is_pending_and_its_error_kept(
    client: Client, refusing_shop: Shop, count: Count, run_row: RunRow
) -> None:
    with (
        pytest.raises(CompensationPending) as caught,
        client.Unwind(refusing_shop).run("shop", run_id="r1") as run,
    ):
        with run.step("order", "o1") as conn:
            place_order(conn, "o1")
        raise QcFailed("score 0.2")
    pending = caught.value
    assert pending.run_id == "r1"
    assert isinstance(pending.__cause__, QcFailed)
    assert isinstance(pending.cause, UndoRefused)
    assert len(pending.causes) == 1, "a refusal is not tried again"
    assert "kept for the auditor" in str(pending)
    status, last_error = run_row("r1")
    assert status == run.result.status == "FAILED"
    assert last_error is not None
    assert "kept for the auditor" in last_error
    assert "QcFailed: score 0.2" in last_error
    assert (count("orders"), count("order_lines")) == (1, 2), "all or nothing"


def test_key_that_is_no_key_is_refused_before_the_database(client: Client, shop: Shop) -> None:
    with pytest.raises(TypeError, match="not NoneType"), client.Unwind(shop).run("shop") as run:
        run.intend("order", None)  # type: ignore[arg-type]


@pytest.mark.parametrize("left_open", [False, True])
@pytest.mark.parametrize("error", ["deadlock_detected", "query_canceled", "lock_not_available"])
def test_what_is_in_the_way_of_every_try_is_kept_with_the_run_and_its_claim_is_not(
    client: Client, shop: Shop, connect: Any, run_row: RunRow, error: str, left_open: bool
) -> None:
    shop.execute(
        f"""create function in_the_way() returns trigger language plpgsql as
        $$ begin raise 'in the way' using errcode = '{error}'; end $$;
        create trigger in_the_way before delete on orders for each row execute function in_the_way();
        select unwind.compile_workflow('shop')"""
    )
    conn = connect(autocommit=False)
    unwind = client.Unwind(conn, backoff=lambda failed: 0.0)
    with pytest.raises(CompensationPending) as caught, unwind.run("shop") as run:
        with run.step("order", "o1"):
            conn.execute("insert into orders (id) values ('o1')")
        if left_open:
            conn.execute("insert into orders (id) values ('o2')")
        raise ValueError("boom")
    assert len(caught.value.causes) == 3
    status, last_error = run_row(run.id)
    assert status == "FAILED"
    assert last_error is not None and last_error.startswith("compensation failed: ")
    assert "in the way" in last_error and last_error.endswith("the run had failed: ValueError: boom")
    claim = "select claimed_by, lease_expires_at from unwind.workflow_runs"
    assert shop.execute(claim).fetchone() == (None, None)
