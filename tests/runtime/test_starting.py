"""Starting a run: its id is its own, for ever."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest


def test_a_run_without_an_id_gets_a_uuid(db: Any) -> None:
    run = db.value("select unwind.start_run('w')")
    assert str(UUID(run)) == run
    assert db("select id, status from unwind.workflow_runs") == [(run, "RUNNING")]


@pytest.mark.parametrize("ending", ["complete_run('r')", "fail_run('r', 'x')", "compensate_run('r')"])
def test_the_id_of_a_run_that_has_ended_is_not_used_again(db: Any, ending: str) -> None:
    db("select unwind.start_run('w', 'r')")
    db(f"select unwind.{ending}")
    error = db.refused("select unwind.start_run('w', 'r')")
    assert error.sqlstate == "UW013"
    assert "'r'" in str(error)


def test_arguments_can_be_named(db: Any) -> None:
    db("""
        select unwind.start_run(
            workflow => 'w', run_id => 'r', business_key => 'b', metadata => '{"a": 1}',
            worker => 'me', lease => '1 hour'
        )
    """)
    assert db("select workflow, business_key, metadata, claimed_by from unwind.workflow_runs") == [
        ("w", "b", {"a": 1}, "me")
    ]
    assert db.value("select lease_expires_at - claimed_at from unwind.workflow_runs").seconds == 3600


# Where the id is a run's already --------------------------------------------------------------------


def start(db: Any, if_exists: str, **more: Any) -> Any:
    """The id that starting run r gives."""
    names = "".join(f", {name} => %s" for name in more)
    return db.value(f"select unwind.start_run('w', 'r', if_exists => '{if_exists}'{names})", *more.values())


def undo(db: Any, run: str) -> None:
    db("select unwind.fail_run(%s, 'x')", run)
    db("select * from unwind.compensate_run(%s)", run)


@pytest.mark.parametrize("if_exists", ["error", "attach", "new"])
def test_where_there_is_no_such_run_it_is_started(db: Any, if_exists: str) -> None:
    assert start(db, if_exists) == "r"
    assert db.status("r") == "RUNNING"


def test_attaching_gives_the_run_that_is_there(db: Any) -> None:
    start(db, "error", business_key="b")
    assert start(db, "attach", business_key="c") == "r"
    assert db("select id, business_key from unwind.workflow_runs") == [("r", "b")]


def test_a_completed_run_is_attached_to_as_it_is(db: Any) -> None:
    start(db, "error", worker="me")
    db("select unwind.act_as('me')")
    db.conn.execute("begin; set local unwind.worker = 'me'; select unwind.complete_run('r'); commit")
    assert start(db, "attach", worker="you") == "r"
    assert db("select status, claimed_by from unwind.workflow_runs") == [("COMPLETED", None)]


def test_a_run_that_has_failed_or_was_undone_is_not_attached_to(db: Any) -> None:
    start(db, "error")
    db("select unwind.fail_run('r', 'x')")
    attach = "select unwind.start_run('w', 'r', if_exists => 'attach')"
    assert db.refused(attach).sqlstate == "UW002"
    db("select * from unwind.compensate_run('r')")
    assert db.refused(attach).sqlstate == "UW002"


def test_a_run_of_another_workflow_is_not_attached_to(db: Any) -> None:
    db("select unwind.define_workflow('other'), unwind.start_run('other', 'r')")
    error = db.refused("select unwind.start_run('w', 'r', if_exists => 'attach')")
    assert error.sqlstate == "UW013"
    assert "a run of workflow 'other'" in (error.diag.message_detail or "")


def test_attaching_with_a_worker_claims_what_is_free_or_lapsed(db: Any) -> None:
    start(db, "error")
    assert start(db, "attach", worker="one") == "r"
    error = db.refused("select unwind.start_run('w', 'r', worker => 'two', if_exists => 'attach')")
    assert error.sqlstate == "UW003"
    assert "'two'" in (error.diag.message_detail or "")
    assert start(db, "attach", worker="one") == "r"
    db("select set_config('unwind.now', (now() + interval '1 hour')::text, false)")
    assert start(db, "attach", worker="two") == "r"
    assert db("select claimed_by from unwind.workflow_runs") == [("two",)]


def test_attaching_without_a_worker_is_for_who_speaks_for_the_one_that_has_it(db: Any) -> None:
    start(db, "error", worker="one")
    assert db.refused("select unwind.start_run('w', 'r', if_exists => 'attach')").sqlstate == "UW003"
    with db.conn.transaction():
        db("select unwind.act_as('one')")
        assert start(db, "attach") == "r"


@pytest.mark.parametrize("ending", ["complete_run('r')", "fail_run('r', 'x')", None])
def test_a_new_attempt_waits_for_the_old_one_to_be_undone_and_says_what_that_is(
    db: Any, ending: str | None
) -> None:
    start(db, "error")
    if ending:
        db(f"select unwind.{ending}")
    error = db.refused("select unwind.start_run('w', 'r', if_exists => 'new')")
    assert error.sqlstate == "UW013"
    assert f"It is {db.status('r')}." in (error.diag.message_detail or "")


def test_attempts_are_numbered_and_the_latest_is_the_one_that_counts(db: Any) -> None:
    start(db, "error")
    undo(db, "r")
    assert start(db, "new", business_key="b") == "r:2"
    error = db.refused("select unwind.start_run('w', 'r', if_exists => 'new')")
    assert "'r:2'" in str(error)
    assert start(db, "attach") == "r:2"
    undo(db, "r:2")
    assert start(db, "new") == "r:3"
    assert db("select id, business_key from unwind.workflow_runs order by id") == [
        ("r", None),
        ("r:2", "b"),
        ("r:3", None),
    ]


def test_what_to_do_is_one_of_three(db: Any) -> None:
    assert db.refused("select unwind.start_run('w', 'r', if_exists => null)").sqlstate == "UW009"
    assert db.status("r") is None


@pytest.mark.parametrize("if_exists", ["error", "attach", "new"])
def test_the_id_of_a_purged_run_is_not_used_again_whatever_is_asked_for(db: Any, if_exists: str) -> None:
    start(db, "error")
    undo(db, "r")
    db("select unwind.purge_runs('0')")
    assert db.refused(f"select unwind.start_run('w', 'r', if_exists => '{if_exists}')").sqlstate == "UW013"


def test_two_that_retry_at_once_agree_on_the_next_attempt(
    db: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    start(db, "error")
    undo(db, "r")
    new = "select unwind.start_run('w', 'r', if_exists => 'new')"
    one, two = connect(autocommit=False), connect()
    assert one.execute(new).fetchone() == ("r:2",)
    retried = in_background(two.execute, new)
    wait_until_blocked(two)
    one.commit()
    with pytest.raises(psycopg.Error, match="'r:2'") as error:
        retried.result()
    assert error.value.sqlstate == "UW013"
    assert "It is RUNNING." in (error.value.diag.message_detail or "")
    assert db("select id from unwind.workflow_runs order by id") == [("r",), ("r:2",)]


def test_the_second_of_two_that_retry_at_once_has_the_attempt_where_the_first_takes_back(
    db: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    start(db, "error")
    undo(db, "r")
    new = "select unwind.start_run('w', 'r', if_exists => 'new')"
    one, two = connect(autocommit=False), connect()
    one.execute(new)
    retried = in_background(two.execute, new)
    wait_until_blocked(two)
    one.rollback()
    assert retried.result().fetchone() == ("r:2",)


def test_a_new_attempt_waits_for_an_undo_in_progress_and_not_for_a_step(
    db: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    start(db, "error")
    new = "select unwind.start_run('w', 'r', if_exists => 'new')"
    step, other = connect(autocommit=False), connect()
    step.execute("select unwind.record_step('r', 'order', 'o')")
    other.execute("set lock_timeout = '5s'")
    with pytest.raises(psycopg.Error) as error:
        other.execute(new)
    assert error.value.sqlstate == "UW013"
    step.commit()
    undoing = connect(autocommit=False)
    undoing.execute("select * from unwind.compensate_run('r')")
    retried = in_background(other.execute, new)
    wait_until_blocked(other)
    undoing.commit()
    assert retried.result().fetchone() == ("r:2",)


def test_two_that_start_one_id_at_once_have_one_run(
    db: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    attach = "select unwind.start_run('w', 'r', if_exists => 'attach')"
    one, two = connect(autocommit=False), connect()
    one.execute(attach)
    second = in_background(two.execute, attach)
    wait_until_blocked(two)
    one.commit()
    assert second.result().fetchone() == ("r",)
    assert db.value("select count(*) from unwind.workflow_runs") == 1


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read"])
def test_a_workflow_is_not_dropped_under_a_run_that_is_being_started(
    db: Any, connect: Any, wait_until_blocked: Any, in_background: Any, isolation: str
) -> None:
    one, two = connect(autocommit=False), connect()
    one.execute(f"set transaction isolation level {isolation}")
    one.execute("select unwind.start_run('w', 'r')")
    dropped = in_background(two.execute, "select unwind.drop_workflow('w')")
    wait_until_blocked(two)
    one.commit()
    with pytest.raises(psycopg.Error) as error:
        dropped.result()
    assert error.value.sqlstate == "55006"


def test_a_run_is_not_started_under_a_workflow_that_is_being_dropped(
    db: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    one, two = connect(autocommit=False), connect()
    one.execute("select unwind.drop_workflow('w')")
    started = in_background(two.execute, "select unwind.start_run('w', 'r')")
    wait_until_blocked(two)
    one.commit()
    with pytest.raises(psycopg.Error) as error:
        started.result()
    assert error.value.sqlstate == "UW008"


def test_an_old_snapshot_starts_no_run_of_a_workflow_that_was_dropped(db: Any, connect: Any) -> None:
    old = connect(autocommit=False)
    old.execute("set transaction isolation level repeatable read")
    old.execute("select from unwind.workflows")
    db("select unwind.drop_workflow('w')")
    with pytest.raises(psycopg.Error):
        old.execute("select unwind.start_run('w', 'r')")


@pytest.mark.parametrize("change", ["set id = ''", "set status = 'DONE'", "set status = ''"])
def test_whoever_writes_runs_by_hand_writes_no_empty_id_and_no_sixth_status(db: Any, change: str) -> None:
    db("select unwind.start_run('w', 'r')")
    assert str(db.refused(f"update unwind.workflow_runs {change}").sqlstate) in ("22P02", "23514")
