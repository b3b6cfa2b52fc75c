"""A run that starts claimed listens to its worker only; the server's clock decides."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest


@pytest.fixture
def claimed(db: Any) -> Any:
    """A run claimed by host-1 for five minutes."""
    db("select unwind.start_run('w', 'r', worker => 'host-1')")
    return db


@pytest.mark.parametrize(
    "call", ["record_step('r', 'order', 'o')", "complete_run('r')", "fail_run('r', 'x')"]
)
def test_the_worker_that_speaks_up_is_heard_until_its_transaction_ends(claimed: Any, call: str) -> None:
    with claimed.conn.transaction():
        claimed("select unwind.act_as('host-1')")
        claimed(f"select unwind.{call}")
    assert claimed.refused("select unwind.complete_run('r')").sqlstate in ("UW003", "UW002")


@pytest.mark.parametrize(
    "call",
    [
        "record_step('r', 'order', 'o')",
        "complete_run('r')",
        "fail_run('r', 'x')",
        "compensate_step('r', 'order')",
    ],
)
@pytest.mark.parametrize("worker", ["host-2", "", None])
def test_another_worker_is_not(claimed: Any, call: str, worker: str | None) -> None:
    with claimed.conn.transaction():
        claimed("select unwind.act_as(%s)", worker)
        error = claimed.refused(f"select unwind.{call}")
        assert error.sqlstate == "UW003"
        assert "'host-1'" in str(error)
        raise psycopg.Rollback
    assert claimed("select status, claimed_by from unwind.workflow_runs") == [("RUNNING", "host-1")]


def test_an_unclaimed_run_listens_to_whoever_speaks(db: Any) -> None:
    db("select unwind.start_run('w', 'r')")
    db("select unwind.record_step('r', 'order', 'o')")
    with db.conn.transaction():
        db("select unwind.act_as('anybody')")
        db("select unwind.complete_run('r')")
    assert db.value("select status from unwind.workflow_runs") == "COMPLETED"


@pytest.mark.parametrize("call", ["compensate_run('r')", "compensate_runs(array['free', 'r'])"])
def test_a_live_claim_keeps_a_run_that_failed_too(claimed: Any, call: str) -> None:
    claimed("select unwind.start_run('w', 'free')")
    with claimed.conn.transaction():
        claimed("select unwind.act_as('host-1')")
        claimed("select unwind.fail_run('r', 'x')")
    assert claimed.refused(f"select * from unwind.{call}").sqlstate == "UW006"
    claimed("select set_config('unwind.now', (now() + interval '6 minutes')::text, false)")
    claimed(f"select * from unwind.{call}")
    assert claimed.value("select status from unwind.workflow_runs where id = 'r'") == "COMPENSATED"


def test_a_live_claim_keeps_others_from_undoing_unless_they_insist(claimed: Any) -> None:
    assert claimed.refused("select * from unwind.compensate_run('r')").sqlstate == "UW006"
    claimed("select * from unwind.compensate_run('r', force => true)")
    assert claimed("select status, claimed_by from unwind.workflow_runs") == [("COMPENSATED", None)]


def test_the_worker_itself_may_undo_its_run(claimed: Any) -> None:
    with claimed.conn.transaction():
        claimed("select unwind.act_as('host-1')")
        claimed("select * from unwind.compensate_run('r')")
    assert claimed.value("select status from unwind.workflow_runs") == "COMPENSATED"


def test_once_the_lease_is_over_anybody_may_undo_the_run(claimed: Any) -> None:
    claimed("select set_config('unwind.now', (now() + interval '6 minutes')::text, false)")
    claimed("select * from unwind.compensate_run('r')")
    assert claimed.value("select status from unwind.workflow_runs") == "COMPENSATED"


def test_the_lease_is_as_long_as_asked_for(db: Any) -> None:
    db("select set_config('unwind.now', '2030-01-01 00:00+00', false)")
    db("select unwind.start_run('w', 'r', worker => 'me', lease => '90 seconds')")
    assert db.value("select lease_expires_at = '2030-01-01 00:01:30+00' from unwind.workflow_runs")


def test_a_run_that_ends_lets_go_of_its_claim(claimed: Any) -> None:
    with claimed.conn.transaction():
        claimed("select unwind.act_as('host-1')")
        claimed("select unwind.complete_run('r')")
    assert claimed("select claimed_by, claimed_at, lease_expires_at from unwind.workflow_runs") == [
        (None, None, None)
    ]


AT = "select set_config('unwind.now', (now() + interval '6 minutes')::text, false)"


def test_an_unclaimed_run_is_claimed_by_one_of_many_who_ask_at_once(
    db: Any, connect: Any, barrier: Any, in_background: Any
) -> None:
    db("select unwind.start_run('w', 'r')")
    together = barrier(8)

    def ask(session: Any, worker: str) -> bool:
        together.wait()
        return bool(session.execute("select unwind.claim_run('r', %s)", [worker]).fetchone()[0])

    asked = [in_background(ask, connect(), f"host-{n}") for n in range(8)]
    assert sorted(answer.result() for answer in asked) == [False] * 7 + [True]


def test_a_claim_that_has_expired_is_anybodys_and_the_old_worker_is_refused(claimed: Any) -> None:
    assert claimed.value("select unwind.claim_run('r', 'host-2')") is False
    claimed(AT)
    assert claimed.value("select unwind.claim_run('r', 'host-2')") is True
    assert claimed.value("select unwind.renew_claim('r', 'host-1')") is False
    for call in ("record_step('r', 'order', 'o')", "complete_run('r')", "fail_run('r', 'x')"):
        with claimed.conn.transaction(force_rollback=True):
            claimed("select unwind.act_as('host-1')")
            assert claimed.refused(f"select unwind.{call}").sqlstate == "UW003"
    assert claimed.refused("select unwind.release_claim('r', 'host-1')").sqlstate == "UW003"


def test_a_worker_renews_its_claim_even_one_that_has_expired_while_nobody_took_it(claimed: Any) -> None:
    claimed(AT)
    assert claimed.value("select unwind.renew_claim('r', 'host-1', '1 hour')") is True
    assert claimed.value("select unwind.claim_run('r', 'host-2')") is False
    assert claimed.value("select lease_expires_at > now() + interval '1 hour' from unwind.workflow_runs")


def test_a_worker_claims_again_what_it_holds(claimed: Any) -> None:
    assert claimed.value("select unwind.claim_run('r', 'host-1', '2 hours')") is True


def test_a_released_run_is_unclaimed(claimed: Any) -> None:
    claimed("select unwind.release_claim('r', 'host-1')")
    claimed("select unwind.release_claim('r', 'host-1')")
    assert claimed("select claimed_by, lease_expires_at from unwind.workflow_runs") == [(None, None)]
    assert claimed.value("select unwind.renew_claim('r', 'host-1')") is False
    claimed("select unwind.complete_run('r')")


def test_renewing_does_not_wait_for_a_step_in_flight(claimed: Any, connect: Any) -> None:
    worker = connect(autocommit=False)
    worker.execute("select unwind.act_as('host-1'), unwind.record_step('r', 'order', 'o')")
    claimed.conn.execute("set lock_timeout = '1ms'")
    assert claimed.value("select unwind.renew_claim('r', 'host-1')") is True
    worker.rollback()


@pytest.mark.parametrize("ending", ["complete_run('r')", "compensate_run('r')"])
def test_a_run_that_has_ended_is_not_claimed(db: Any, ending: str) -> None:
    db("select unwind.start_run('w', 'r')")
    db(f"select unwind.{ending}")
    assert db.refused("select unwind.claim_run('r', 'me')").sqlstate == "UW002"
    assert db.value("select unwind.renew_claim('r', 'me')") is False


def test_a_failed_run_can_be_claimed_by_whoever_undoes_it(db: Any) -> None:
    db("select unwind.start_run('w', 'r'), unwind.fail_run('r', 'x')")
    assert db.value("select unwind.claim_run('r', 'me')") is True


@pytest.mark.parametrize("call", ["claim_run('r', null)", "claim_run('r', '')", "renew_claim('r', 'w', '0')"])
def test_a_claim_needs_a_worker_and_a_lease(claimed: Any, call: str) -> None:
    assert claimed.refused(f"select unwind.{call}").sqlstate == "UW009"


@pytest.mark.parametrize("call", ["claim_run", "renew_claim", "release_claim"])
def test_a_run_that_does_not_exist_is_not_claimed(db: Any, call: str) -> None:
    assert db.refused(f"select unwind.{call}('nothing', 'me')").sqlstate == "UW001"
