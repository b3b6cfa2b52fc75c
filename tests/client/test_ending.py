"""What is decided when a run ends, without a database: each plan is played against a script of outcomes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from pgunwind import CompensationPending, Receipt, RunCompleted, RunNotRunning
from pgunwind._base import Do, Ending, Pause, Plan, RunState, default_backoff, undone_note
from pgunwind._claims import Claim
from pgunwind.errors import describe

GONE = psycopg.OperationalError("server closed the connection")
ENDED = RunNotRunning("run 'r1' is not running")
DONE: tuple[Receipt, ...] = (Receipt(1, "a", "t", 2),)


def ending() -> Ending:
    claim = Claim("r1", "me", timedelta(minutes=5))
    return Ending(RunState("r1", "w"), 3, lambda failed: float(failed), claim)


def play(plan: Plan, *outcomes: Any) -> list[str]:
    """Feed the plan its outcomes, errors thrown in; return what it did, * on a fresh connection."""
    script, done = iter(outcomes), []
    try:
        action = next(plan)
        while True:
            if isinstance(action, Pause):
                done.append(f"pause {action.seconds:g}")
                action = plan.send(None)
                continue
            assert isinstance(action, Do)
            done.append(action.command.sql.split("unwind.")[1].split("(")[0] + "*" * action.fresh)
            outcome = next(script)
            action = plan.throw(outcome) if isinstance(outcome, BaseException) else plan.send(outcome)
    except StopIteration:
        assert not list(script), "all outcomes were wanted"
        return done


def test_failure_is_told_first() -> None:
    assert play(ending().undo(ValueError()), None, DONE) == ["fail_run", "compensate_run"]


def test_refused_failure_does_not_keep_the_run_from_being_undone() -> None:
    error = ValueError()
    assert play(ending().undo(error), ENDED, DONE) == ["fail_run", "compensate_run"]
    assert error.__notes__ == [
        "pgunwind: fail_run was refused: RunNotRunning: run 'r1' is not running",
        "pgunwind: run 'r1' undone: 2 rows in 1 table (t 2)",
    ]


def test_failure_is_told_over_the_fresh_connection_too() -> None:
    assert play(ending().undo(ValueError()), GONE, None, DONE) == [
        "fail_run",
        "pause 1",
        "fail_run*",
        "compensate_run*",
    ]


def test_told_failure_is_not_told_again() -> None:
    assert play(ending().undo(ValueError()), None, GONE, GONE, DONE) == [
        "fail_run",
        "compensate_run",
        "pause 1",
        "compensate_run*",
        "pause 2",
        "compensate_run*",
    ]


def test_refused_compensation_is_pending_at_once_and_its_cause_told() -> None:
    undoing = ending()
    refusal = psycopg.errors.RaiseException("no")
    with pytest.raises(CompensationPending) as caught:
        play(undoing.undo(ValueError("boom")), None, refusal, GONE)
    assert caught.value.causes == (refusal,)
    assert undoing.state.status == "FAILED"
    assert caught.value.__notes__ == [
        "pgunwind: fail_run was refused: OperationalError: server closed the connection"
    ]


def test_interrupted_compensation_says_that_the_run_is_not_undone() -> None:
    error = ValueError("boom")
    with pytest.raises(KeyboardInterrupt):
        play(ending().undo(error), None, KeyboardInterrupt())
    assert error.__notes__ == ["pgunwind: run 'r1' is not undone: interrupted"]


def test_completion_whose_answer_was_lost_is_a_completion() -> None:
    completing = ending()
    with pytest.raises(RunNotRunning):
        play(completing.complete(), GONE, ENDED)
    assert play(completing.undo(ENDED), ENDED, RunCompleted("it is")) == ["fail_run", "compensate_run"]
    assert completing.completed_after_all
    assert completing.state.result().error is None


def test_interrupt_while_completing_goes_on() -> None:
    completing = ending()
    with pytest.raises(KeyboardInterrupt):
        play(completing.complete(), KeyboardInterrupt())
    play(completing.undo(KeyboardInterrupt()), ENDED, RunCompleted("it is"))
    assert completing.state.status == "COMPLETED"
    assert not completing.completed_after_all


def test_last_of_several_refusals_is_told() -> None:
    deadlock = psycopg.errors.DeadlockDetected("deadlock")
    undoing = ending()
    plan = undoing.undo(ValueError("boom"))
    with pytest.raises(CompensationPending) as caught:
        play(plan, None, deadlock, deadlock, deadlock, None, None)
    assert len(caught.value.causes) == 3
    assert not hasattr(caught.value, "__notes__")
    assert undoing.state.status == "FAILED"


def test_error_of_the_body_is_none_the_less_an_error_on_a_completed_run() -> None:
    undoing = ending()
    play(undoing.undo(ValueError()), ENDED, RunCompleted("it is"))
    assert undoing.state.status == "COMPLETED"
    assert not undoing.completed_after_all


def test_completing_is_tried_as_often_as_undoing() -> None:
    with pytest.raises(psycopg.OperationalError):
        play(ending().complete(), GONE, GONE, GONE)


def test_backoff_grows() -> None:
    assert [default_backoff(failed) for failed in (1, 2)] == [0.2, 0.8]


def test_note_adds_up_tables_of_several_steps() -> None:
    receipts = (
        Receipt(1, "b", "t", 1),
        Receipt(2, "a", "t", 2),
        Receipt(3, "a", "u", 0),
        Receipt(4, "a", "v", 1),
    )
    assert undone_note("r1", receipts) == "pgunwind: run 'r1' undone: 4 rows in 2 tables (t 3, v 1)"


def test_error_text_is_fit_for_a_text_column() -> None:
    assert describe(ValueError("a\x00b")) == "ValueError: ab"
    assert describe(KeyboardInterrupt()) == "KeyboardInterrupt"
