"""A run is gone on with by others: by another process, by a job that is tried again, or by a new attempt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from clients import Client
from pgunwind import ClaimLost, DuplicateRun, RunNotFound, RunNotRunning, RunRow

Connect = Callable[..., psycopg.Connection[Any]]
Count = Callable[[str], int]
Shop = psycopg.Connection[Any]

LAPSED = "update unwind.workflow_runs set lease_expires_at = now() - interval '1 second'"


def row_of(shop: Shop, run_id: str) -> Any:
    return shop.execute(
        "select status, claimed_by from unwind.workflow_runs where id = %s", [run_id]
    ).fetchone()


def one_step(run: Any, key: str, **how: Any) -> None:
    with run.step("order", key, **how) as conn:
        conn.execute("insert into orders (id) values (%s)", [key])


# Attaching


def test_a_free_run_is_claimed_gone_on_with_and_left_running(client: Client, shop: Shop, dsn: str) -> None:
    unwind = client.Unwind(dsn)
    run_id = unwind.start_run("shop")
    with unwind.attach(run_id) as run:
        assert (run.id, run.workflow) == (run_id, "shop")
        assert row_of(shop, run_id) == ("RUNNING", run.worker)
        one_step(run, "o1")
    assert row_of(shop, run_id) == ("RUNNING", None)
    assert run.result.status == "RUNNING"
    with unwind.attach(run_id, worker="next") as run:
        assert run.worker == "next"
        assert run.recorded("order") == (("o1",),)
        one_step(run, "o2", last=True)
    assert row_of(shop, run_id) == ("COMPLETED", None)
    assert run.result.status == "COMPLETED"


def test_a_claim_that_has_lapsed_is_taken_over(client: Client, shop: Shop, dsn: str) -> None:
    unwind = client.Unwind(dsn)
    run_id = unwind.start_run("shop", worker="dead")
    with pytest.raises(ClaimLost, match="claimed by 'dead'"), unwind.attach(run_id):
        pytest.fail("it is claimed")
    shop.execute(LAPSED)
    with unwind.attach(run_id) as run:
        assert row_of(shop, run_id) == ("RUNNING", run.worker)
        one_step(run, "o1")
    assert row_of(shop, run_id) == ("RUNNING", None)


def test_in_the_name_of_who_holds_the_claim_it_stays_theirs(client: Client, shop: Shop, dsn: str) -> None:
    unwind, child = client.Unwind(dsn), client.Unwind(dsn)
    with unwind.run("shop") as run:
        with child.attach(run.id, run.worker) as part:
            one_step(part, "o1")
        assert row_of(shop, run.id) == ("RUNNING", run.worker)
        one_step(run, "o2")
    assert row_of(shop, run.id) == ("COMPLETED", None)


def test_an_exception_undoes_the_whole_run(client: Client, shop: Shop, dsn: str, count: Count) -> None:
    unwind = client.Unwind(dsn)
    run_id = unwind.start_run("shop")
    with unwind.attach(run_id) as run:
        one_step(run, "o1")
    with pytest.raises(ValueError, match="boom") as caught, unwind.attach(run_id) as run:
        one_step(run, "o2")
        raise ValueError("boom")
    assert "undone: 2 rows in 1 table" in caught.value.__notes__[0]
    assert row_of(shop, run_id)[0] == run.result.status == "COMPENSATED"
    assert count("orders") == 0


def test_so_does_a_failure(client: Client, shop: Shop, dsn: str, count: Count) -> None:
    unwind = client.Unwind(dsn)
    run_id = unwind.start_run("shop")
    with unwind.attach(run_id) as run:
        one_step(run, "o1")
        run.fail("no")
    assert row_of(shop, run_id)[0] == "COMPENSATED"
    assert count("orders") == 0


@pytest.mark.parametrize("ended", ["complete_run", "fail_run", "compensate_run"])
def test_only_a_running_run_is_gone_on_with(client: Client, shop: Shop, dsn: str, ended: str) -> None:
    unwind = client.Unwind(dsn)
    run_id = unwind.start_run("shop")
    getattr(unwind, ended)(run_id, *(["no"] if ended == "fail_run" else []))
    with pytest.raises(RunNotRunning), unwind.attach(run_id):
        pytest.fail("it has ended")
    assert row_of(shop, run_id)[1] is None, "nor is it claimed"
    with pytest.raises(RunNotFound), unwind.attach("nobody"):
        pytest.fail("there is none")


@pytest.mark.filterwarnings("error::pgunwind.NothingRecorded")
def test_who_only_looks_on_is_not_warned(client: Client, shop: Shop, dsn: str) -> None:
    unwind = client.Unwind(dsn)
    with unwind.attach(unwind.start_run("shop")):
        pass


def test_the_claim_of_an_attached_run_is_renewed(client: Client, shop: Shop, dsn: str) -> None:
    unwind = client.Unwind(dsn)
    lease = timedelta(milliseconds=300)
    run_id = unwind.start_run("shop")
    expires = "select lease_expires_at from unwind.workflow_runs where id = %s"
    with unwind.attach(run_id, lease=lease) as run:
        first = shop.execute(expires, [run_id]).fetchone()[0]  # type: ignore[index]
        while shop.execute(expires, [run_id]).fetchone()[0] <= first + lease:  # type: ignore[index]
            assert not run.claim_lost


# Where a run exists


def test_a_run_that_goes_on_is_completed(client: Client, shop: Shop, dsn: str, count: Count) -> None:
    unwind = client.Unwind(dsn)
    unwind.start_run("shop", "r1", worker="dead")
    shop.execute(LAPSED)
    with unwind.run("shop", run_id="r1", if_exists="attach") as run:
        assert not run.completed
        assert run.id == "r1"
        one_step(run, "o1")
    assert row_of(shop, "r1") == ("COMPLETED", None)


def test_of_a_completed_run_the_block_is_skipped(client: Client, shop: Shop, dsn: str) -> None:
    unwind = client.Unwind(dsn)
    for completed in (False, True):
        with unwind.run("shop", run_id="r1", if_exists="attach") as run:
            assert run.completed is completed
            if not run.completed:
                one_step(run, "o1")
        assert run.result.status == "COMPLETED"
    with (
        pytest.raises(ValueError, match="boom") as caught,
        unwind.run("shop", run_id="r1", if_exists="attach"),
    ):
        raise ValueError("boom")
    assert "nothing was undone" in caught.value.__notes__[0]


def test_a_run_that_somebody_is_at_work_on_is_refused(client: Client, shop: Shop, dsn: str) -> None:
    unwind, other = client.Unwind(dsn), client.Unwind(dsn)
    with unwind.run("shop", run_id="r1") as run:
        one_step(run, "o1")
        with pytest.raises(ClaimLost), other.run("shop", run_id="r1", if_exists="attach"):
            pytest.fail("it is claimed")
        with pytest.raises(DuplicateRun), other.run("shop", run_id="r1", if_exists="new"):
            pytest.fail("it is not undone")
    assert run.result.status == "COMPLETED"


def test_after_an_undo_comes_a_new_attempt(client: Client, shop: Shop, dsn: str, count: Count) -> None:
    unwind = client.Unwind(dsn)
    for attempt in (1, 2):
        with (
            pytest.raises(ValueError, match="boom"),
            unwind.run("shop", run_id="r1", if_exists="new") as run,
        ):
            one_step(run, "o1")
            raise ValueError("boom")
        assert run.id == ("r1" if attempt == 1 else "r1:2")
    with pytest.raises(RunNotRunning), unwind.run("shop", run_id="r1", if_exists="attach"):
        pytest.fail("its latest attempt was undone")
    with unwind.run("shop", run_id="r1", if_exists="new") as run:
        one_step(run, "o1")
    assert (run.id, run.result.run_id, run.result.status) == ("r1:3", "r1:3", "COMPLETED")
    assert count("orders") == 1


# What is known of runs


def test_recorded_are_the_keys_that_are_the_runs_still(client: Client, shop: Shop, dsn: str) -> None:
    unwind = client.Unwind(shop)
    with unwind.run("shop") as run:
        assert run.recorded("order") == ()
        one_step(run, "o2")
        run.intend("order", "o1")
        with run.step("order", "o3"):
            assert run.recorded("order") == (("o2",), ("o1",), ("o3",)), "on the step's own connection"
        assert run.recorded("invoice") == ()
        with shop.transaction():
            unwind.act_as(run.worker, connection=shop)
            unwind.release_entity(run.id, "order", "o1", connection=shop)
        assert run.recorded("order") == (("o2",), ("o3",))
    unwind.compensate_run(run.id, force=True)
    assert run.recorded("order") == ()


def test_runs_are_got_and_found(client: Client, shop: Shop, dsn: str) -> None:
    unwind = client.Unwind(dsn)
    unwind.start_run("shop", "r1", "key-1", {"by": ["test"]}, worker="w")
    unwind.start_run("shop", "r2", "key-2")
    unwind.complete_run("r2")
    row = unwind.get_run("r1")
    assert isinstance(row, RunRow)
    assert (row.id, row.workflow, row.business_key, row.status) == ("r1", "shop", "key-1", "RUNNING")
    assert (row.metadata, row.claimed_by, row.retry_count) == ({"by": ["test"]}, "w", 0)
    assert row.lease_expires_at is not None and row.lease_expires_at > row.created_at
    assert row.started_by == shop.info.user
    with pytest.raises(RunNotFound):
        unwind.get_run("nobody")
    for found, wanted in [
        (unwind.find_runs(), ["r2", "r1"]),
        (unwind.find_runs("shop", max_runs=1), ["r2"]),
        (unwind.find_runs(business_key="key-1"), ["r1"]),
        (unwind.find_runs(status="COMPLETED"), ["r2"]),
        (unwind.find_runs(since=row.created_at, until=unwind.get_run("r2").created_at), ["r1"]),
        (unwind.find_runs("nowhere"), []),
    ]:
        assert [run.id for run in found] == wanted
