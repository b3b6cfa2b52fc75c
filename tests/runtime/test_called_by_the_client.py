"""The procedures by which the client says what start_run, act_as, record_step and complete_run say."""

from __future__ import annotations

from typing import Any

import pytest

OPEN = "call unwind_internal.open_step('r', 'me', 'order', '{o}')"
RECORD = "select unwind.record_step('r', 'order', 'o')"
FINISH = "call unwind_internal.finish_run('r')"


@pytest.fixture
def claimed(db: Any) -> Any:
    """A run that has recorded nothing, claimed by me."""
    db("select unwind.start_run('w', 'r', worker => 'me')")
    return db


def begin(workflow: str, run: str, worker: str = "me") -> str:
    return f"call unwind_internal.begin_run('{workflow}', '{run}', 'a', '{{\"b\": 1}}', '{worker}', '1 hour')"


def test_a_run_is_begun_claimed_and_once(db: Any) -> None:
    db.conn.execute(begin("w", "r").encode())
    assert db(
        "select id, workflow, business_key, metadata, claimed_by, lease_expires_at - claimed_at = '1 hour'"
        " from unwind.workflow_runs"
    ) == [("r", "w", "a", {"b": 1}, "me", True)]
    assert db.refused(begin("w", "r")).sqlstate == "UW013"
    assert db.count("unwind.workflow_runs") == 1


@pytest.mark.parametrize(
    ("call", "sqlstate"),
    [(begin("none", "r"), "UW008"), (begin("w", ""), "UW009"), (begin("w", "r", worker=""), "UW009")],
)
def test_what_is_wrong_with_a_run_is_said(db: Any, call: str, sqlstate: str) -> None:
    assert db.refused(call).sqlstate == sqlstate
    assert db.count("unwind.workflow_runs") == 0


def test_a_step_is_opened_by_a_worker_who_speaks_until_the_transaction_ends(claimed: Any) -> None:
    with claimed.conn.transaction():
        claimed.conn.execute(OPEN)
        assert claimed.value("select current_setting('unwind.worker')") == "me"
        claimed("select unwind.record_step('r', 'order', 'more')")
    assert claimed("select step, entity_key[1] from unwind.run_steps order by 2") == [
        ("order", "more"),
        ("order", "o"),
    ]
    assert claimed.refused(RECORD).sqlstate == "UW003"


def test_what_was_recorded_can_be_opened_again(claimed: Any) -> None:
    claimed.conn.execute(OPEN)
    claimed.conn.execute(OPEN)
    assert claimed("select entity_key from unwind.run_steps") == [(["o"],)]


@pytest.mark.parametrize(
    ("before", "sqlstate"),
    [
        ("insert into orders values ('o')", "UW017"),
        ("select unwind.start_run('w', 'other'), unwind.record_step('other', 'order', 'o')", "UW004"),
        ("delete from unwind.workflow_runs", "UW001"),
        ("update unwind.workflow_runs set claimed_by = 'you'", "UW003"),
        ("update unwind.workflow_runs set status = 'FAILED'", "UW002"),
        ("alter table orders rename column id to number", "UW009"),
        ("create schema tenant; create table tenant.orders (); set search_path = tenant, public", "UW009"),
    ],
)
def test_what_has_to_be_said_about_a_record_is_said_alike(claimed: Any, before: str, sqlstate: str) -> None:
    claimed.conn.execute(before.encode())
    opened = claimed.refused(OPEN)
    with claimed.conn.transaction():
        claimed("select unwind.act_as('me')")
        recorded = claimed.refused(RECORD)
    assert opened.sqlstate == recorded.sqlstate == sqlstate
    assert opened.diag.message_primary == recorded.diag.message_primary
    assert claimed("select * from unwind_internal.ledger where run_id = 'r'") == []


def test_a_run_whose_row_moved_while_it_was_waited_for_is_finished(
    claimed: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    holder, worker = connect(autocommit=False), connect()
    worker.execute("set unwind.worker = 'me'")
    holder.execute("select unwind.renew_claim('r', 'me', '1 hour')")
    finished = in_background(worker.execute, FINISH)
    wait_until_blocked(worker)
    holder.commit()
    finished.result()
    assert claimed("select status, claimed_by from unwind.workflow_runs") == [("COMPLETED", None)]


def test_a_run_is_finished_once_its_steps_are(
    claimed: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    step, worker = connect(autocommit=False), connect()
    worker.execute("set unwind.worker = 'me'")
    step.execute(OPEN)
    finished = in_background(worker.execute, FINISH)
    wait_until_blocked(worker)
    assert claimed.status("r") == "RUNNING"
    step.commit()
    finished.result()
    assert claimed.status("r") == "COMPLETED"
    assert worker.execute("select step from unwind.run_steps").fetchall() == [("order",)]
