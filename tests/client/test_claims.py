"""A run holds a claim while it lasts, renews it in the background, and stops when it is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from clients import Client
from pgunwind import ClaimLost, RunClaimed
from pgunwind._claims import Claim

Connection = psycopg.Connection[Any]
SHORT = timedelta(milliseconds=150)
TAKE = "update unwind.workflow_runs set claimed_by = 'thief', lease_expires_at = now() + interval '1 hour'"
PATIENCE = 20.0

pytestmark = pytest.mark.filterwarnings("ignore::pgunwind.NothingRecorded")


def wait_until(condition: Callable[[], bool]) -> None:
    """Look again and again, and give up at last."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.005)


def claim_of(conn: Connection, run_id: str) -> Any:
    return conn.execute(
        "select status, claimed_by, lease_expires_at from unwind.workflow_runs where id = %s", [run_id]
    ).fetchone()


def test_a_run_is_claimed_by_a_worker_of_its_own_until_it_ends(
    client: Client, shop: Connection, dsn: str
) -> None:
    unwind = client.Unwind(dsn)
    with unwind.run("shop") as one, unwind.run("shop") as two:
        assert one.worker != two.worker
        for run in (one, two):
            status, claimed_by, _ = claim_of(shop, run.id)
            assert (status, claimed_by) == ("RUNNING", run.worker)
        with pytest.raises(RunClaimed):
            unwind.compensate_run(one.id)
    assert claim_of(shop, one.id) == ("COMPLETED", None, None)


def test_the_claim_is_renewed_while_a_step_is_open(client: Client, shop: Connection, dsn: str) -> None:
    with client.Unwind(dsn).run("shop", lease=SHORT) as run, run.step("order", "o1"):
        first = claim_of(shop, run.id)[2]
        wait_until(lambda: claim_of(shop, run.id)[2] > first + SHORT)
        assert not run.claim_lost


def test_a_given_connection_is_not_used_for_renewals(client: Client, shop: Connection) -> None:
    with client.Unwind(shop).run("shop", lease=SHORT) as run, run.step("order", "o1") as conn:
        with psycopg.connect(shop.info.dsn, password=shop.info.password or None, autocommit=True) as other:
            first = claim_of(other, run.id)[2]
            wait_until(lambda: claim_of(other, run.id)[2] > first + SHORT)
        conn.execute("insert into orders values ('o1')")


def test_a_claim_that_is_lost_stops_the_run_and_undoes_nothing(
    client: Client, shop: Connection, dsn: str
) -> None:
    with pytest.raises(ClaimLost) as caught, client.Unwind(dsn).run("shop", lease=SHORT) as run:
        with run.step("order", "o1") as conn:
            conn.execute("insert into orders values ('o1')")
        shop.execute(TAKE)
        wait_until(lambda: run.claim_lost)
        for call in (run.record, run.intend):
            with pytest.raises(ClaimLost):
                call("order", "o2")
        with run.step("order", "o2"):
            raise AssertionError("no step begins")
    assert caught.value.hint is not None
    assert "nothing was undone here" in caught.value.__notes__[0]
    assert claim_of(shop, run.id)[:2] == ("RUNNING", "thief")
    assert shop.execute("select id from orders").fetchall() == [("o1",)]


def test_a_step_in_progress_does_not_commit_once_the_claim_is_lost(
    client: Client, shop: Connection, dsn: str
) -> None:
    with (
        pytest.raises(ClaimLost),
        client.Unwind(dsn).run("shop", lease=SHORT) as run,
        run.step("order", "o1") as conn,
    ):
        conn.execute("insert into orders values ('o1')")
        shop.execute(TAKE)
        wait_until(lambda: run.claim_lost)
    assert shop.execute("select from orders").fetchall() == []
    assert run.result.steps == ()


def test_leaving_normally_with_a_lost_claim_completes_nothing(
    client: Client, shop: Connection, dsn: str
) -> None:
    with pytest.raises(ClaimLost), client.Unwind(dsn).run("shop", lease=SHORT) as run:
        shop.execute(TAKE)
        wait_until(lambda: run.claim_lost)
    assert claim_of(shop, run.id)[:2] == ("RUNNING", "thief")


def test_the_server_refuses_before_the_heartbeat_has_noticed(
    client: Client, shop: Connection, dsn: str
) -> None:
    with pytest.raises(ClaimLost) as caught, client.Unwind(dsn).run("shop") as run:
        shop.execute(TAKE)
        with run.step("order", "o1"):
            raise AssertionError("no step begins")
    assert "nothing was undone here" in caught.value.__notes__[0]
    assert claim_of(shop, run.id)[:2] == ("RUNNING", "thief")


def test_a_renewal_that_gets_no_answer_is_tried_again_sooner() -> None:
    now = 100.0
    claim = Claim("r", "w", timedelta(seconds=30), clock=lambda: now)
    assert claim.due == 110
    now = 110
    claim.unanswered()
    assert claim.due == 112
    now = 112
    claim.renewed(True, asked=111)
    assert claim.due == 121
    claim.renewed(False, asked=112)
    assert claim.lost


def test_functions_of_a_claim(client: Client, shop: Connection) -> None:
    unwind = client.Unwind(shop)
    run = unwind.start_run("shop")
    assert unwind.claim_run(run, "one")
    assert not unwind.claim_run(run, "two", timedelta(minutes=1))
    assert unwind.renew_claim(run, "one")
    assert not unwind.renew_claim(run, "two")
    with pytest.raises(ClaimLost):
        unwind.release_claim(run, "two")
    unwind.release_claim(run, "one")
    assert unwind.claim_run(run, "two")
