"""The last step completes the run in its own commit; run.fail() has a run undone without an exception."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from clients import Client
from pgunwind import CompensationPending, NothingRecorded, RunCompleted, RunNotRunning, RunResult

Connect = Callable[..., psycopg.Connection[Any]]
Count = Callable[[str], int]
RunRow = Callable[[str], tuple[str, str | None]]
Shop = psycopg.Connection[Any]


def place_order(conn: psycopg.Connection[Any], order: str) -> None:
    conn.execute("insert into orders (id) values (%s)", [order])


def test_the_run_is_completed_when_its_last_step_is_committed(
    client: Client, shop: Shop, dsn: str, run_row: RunRow
) -> None:
    with client.Unwind(dsn).run("shop", run_id="r1") as run:
        with run.step("order", "o1") as conn:
            place_order(conn, "o1")
        assert not run.completed
        with run.step("invoice", 1, last=True):
            assert run_row("r1")[0] == "RUNNING"
        assert run_row("r1")[0] == "COMPLETED"
        assert run.completed
        with pytest.raises(RunCompleted):
            client.Unwind(dsn).compensate_run("r1")
    assert run.result == RunResult("r1", "shop", "COMPLETED", ("order", "invoice"), (), None)


@pytest.mark.parametrize("error", [ValueError("boom"), psycopg.Rollback()], ids=["raises", "rolled back"])
def test_a_last_step_that_is_rolled_back_completes_nothing(
    client: Client, shop: Shop, dsn: str, run_row: RunRow, error: Exception
) -> None:
    with client.Unwind(dsn).run("shop", run_id="r1") as run:
        with run.step("order", "o1"):
            pass
        try:
            with run.step("order", "o2", last=True):
                raise error
        except ValueError:
            pass
        assert run_row("r1")[0] == "RUNNING"
        with run.step("order", "o2", last=True):
            pass
    assert run.result.steps == ("order",)
    assert run_row("r1")[0] == "COMPLETED"


def test_an_exception_after_the_last_step_undoes_nothing_and_says_so(
    client: Client, shop: Shop, dsn: str, count: Count
) -> None:
    with pytest.raises(ValueError, match="boom") as caught, client.Unwind(dsn).run("shop") as run:
        with run.step("order", "o1", last=True) as conn:
            place_order(conn, "o1")
        raise ValueError("boom")
    assert "is COMPLETED in the database; nothing was undone" in caught.value.__notes__[0]
    assert run.result.status == "COMPLETED"
    assert count("orders") == 1


def test_no_step_comes_after_the_last(client: Client, shop: Shop, dsn: str) -> None:
    with pytest.raises(RunNotRunning), client.Unwind(dsn).run("shop") as run:
        with run.step("order", "o1", last=True):
            pass
        with run.step("order", "o2"):
            pytest.fail("the step was opened")
    assert run.result.status == "COMPLETED"


def test_a_completion_that_is_refused_takes_the_step_with_it(
    client: Client, shop: Shop, dsn: str, count: Count
) -> None:
    unwind = client.Unwind(dsn)
    with pytest.raises(RunNotRunning), unwind.run("shop") as run, run.step("order", last=True) as conn:
        place_order(conn, "o1")
        unwind.compensate_run(run.id, force=True)
    assert count("orders") == 0
    assert run.result.steps == ()


def test_a_last_step_waits_for_other_steps_only_so_long(
    client: Client, shop: Shop, dsn: str, in_background: Any
) -> None:
    opened, over = threading.Event(), threading.Event()

    def idle(run: Any) -> None:
        with run.step("order", "o2"):
            opened.set()
            assert over.wait(20)

    with client.pool(dsn, min_size=2, open=True) as pool:
        unwind = client.Unwind(pool, lock_timeout=timedelta(milliseconds=200))
        with unwind.run("shop") as run:
            future = in_background(idle, run)
            assert opened.wait(20)
            with pytest.raises(psycopg.errors.LockNotAvailable), run.step("order", "o1", last=True):
                pass
            over.set()
            future.result()
            assert not run.completed
            with run.step("order", "o1", last=True):
                pass
    assert run.result.status == "COMPLETED"


def test_a_claim_that_is_renewed_too_late_for_a_completed_run_is_not_lost(
    client: Client, shop: Shop, dsn: str
) -> None:
    with client.Unwind(dsn).run("shop") as run:
        with run.step("order", "o1", last=True):
            pass
        run._claim.renewed(False, 0.0)
        assert not run.claim_lost
    assert run.result.status == "COMPLETED"


def test_a_last_step_without_a_record_is_warned_of_too(client: Client, shop: Shop, dsn: str) -> None:
    with (
        pytest.warns(NothingRecorded),
        client.Unwind(dsn).run("shop") as run,
        run.step("order", last=True),
    ):
        pass


# A failure that is no exception


def test_a_run_that_is_told_to_fail_is_undone_without_an_exception(
    client: Client, shop: Shop, dsn: str, count: Count, run_row: RunRow
) -> None:
    def checkout(unwind: Any) -> tuple[str, Any]:
        with unwind.run("shop", run_id="r1") as run:
            with run.step("order", "o1") as conn:
                place_order(conn, "o1")
            run.fail("the card was declined")
            return "declined", run
        pytest.fail("the block returns")

    answer, run = checkout(client.Unwind(dsn))
    assert answer == "declined"
    assert run.result.status == "COMPENSATED"
    assert run.result.error == "the card was declined"
    assert run.result.rows_deleted == 1
    assert run_row("r1") == ("COMPENSATED", "the card was declined")
    assert count("orders") == 0


@pytest.mark.parametrize("last", [False, True])
def test_within_a_step_too_which_is_committed_and_undone(
    client: Client, shop: Shop, dsn: str, count: Count, last: bool
) -> None:
    with client.Unwind(dsn).run("shop") as run:
        with run.step("order", "o1", last=last) as conn:
            place_order(conn, "o1")
            run.fail("no")
        assert count("orders") == 1
    assert run.result.status == "COMPENSATED"
    assert count("orders") == 0


def test_a_failed_run_begins_nothing_more(client: Client, shop: Shop, dsn: str) -> None:
    with client.Unwind(dsn).run("shop") as run:
        run.fail("no")
        with pytest.raises(RunNotRunning, match="has failed: no"), run.step("order", "o1"):
            pytest.fail("the step was opened")
        with pytest.raises(RunNotRunning):
            run.intend("order", "o1")
    assert (run.result.status, run.result.error, run.result.steps) == ("COMPENSATED", "no", ())


def test_a_completed_run_cannot_fail(client: Client, shop: Shop, dsn: str) -> None:
    with client.Unwind(dsn).run("shop") as run:
        with run.step("order", "o1", last=True):
            pass
        with pytest.raises(RunNotRunning, match="COMPLETED"):
            run.fail("no")
    assert run.result.status == "COMPLETED"


def test_an_exception_is_what_a_failed_run_is_undone_for(client: Client, shop: Shop, dsn: str) -> None:
    with pytest.raises(ValueError, match="boom"), client.Unwind(dsn).run("shop") as run:
        run.fail("no")
        raise ValueError("boom")
    assert run.result.error == "ValueError: boom"


def test_a_failed_run_that_cannot_be_undone_is_pending(
    client: Client, refusing_shop: Shop, run_row: RunRow
) -> None:
    with pytest.raises(CompensationPending) as caught, client.Unwind(refusing_shop).run("shop") as run:
        with run.step("order", "o1") as conn:
            place_order(conn, "o1")
        run.fail("no\x00")
    assert caught.value.run_id == run.id
    status, error = run_row(run.id)
    assert status == "FAILED"
    assert error is not None and error.endswith("the run had failed: no")
