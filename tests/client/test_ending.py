"""What is done when a run ends, without a database: the calls are answered by a script of outcomes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from pgunwind import CompensationPending, Holder, Receipt, RunCompleted, RunNotRunning, _async_ending, _ending
from pgunwind._capture import Capture
from pgunwind._claims import Claim
from pgunwind._commands import Command, Patience
from pgunwind._notes import undone_note
from pgunwind._retries import default_backoff
from pgunwind._run_state import RunState
from pgunwind.errors import describe

GONE = psycopg.OperationalError("server closed the connection")
ENDED = RunNotRunning("run 'r1' is not running")
LOCKED = psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")
DONE: tuple[Receipt, ...] = (Receipt(1, "a", "t", 2),)


class Script:
    """Answers calls with outcomes, errors raised; notes what is called: * on a fresh connection, ° apart."""

    def __init__(self) -> None:
        self.outcomes: list[Any] = []
        self.done: list[str] = []

    def call(
        self,
        command: Command[Any],
        patience: Callable[[], Patience],
        *,
        fresh: bool = False,
        roll_back: bool = False,
    ) -> Any:
        """Answer, and note whether it was to be a fresh connection."""
        return self.answer(command, "*" * fresh)

    def call_in_message(self, script: Any) -> bool:
        """Refuse, so that each call is one to be answered."""
        return False

    def call_apart(self, command: Command[Any], patience: Patience) -> Any:
        """Answer, and note that it was apart."""
        return self.answer(command, "°")

    def pause(self, seconds: float) -> None:
        """Only note it."""
        self.done.append(f"pause {seconds:g}")

    def answer(self, command: Command[Any], how: str) -> Any:
        """Give the next outcome."""
        self.done.append(re.findall(r"unwind\.(\w+)", command.sql)[0] + how)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


class AsyncScript(Script):
    """The same, to be awaited."""

    async def call(self, *values: Any, **named: Any) -> Any:  # type: ignore[override]
        """Answer."""
        return super().call(*values, **named)

    async def call_in_message(self, script: Any) -> bool:  # type: ignore[override]
        """Refuse."""
        return super().call_in_message(script)

    async def call_apart(self, *values: Any) -> Any:
        """Answer."""
        return super().call_apart(*values)

    async def pause(self, seconds: float) -> None:  # type: ignore[override]
        """Only note it."""
        super().pause(seconds)


Ending = _ending.Ending | _async_ending.Ending


@pytest.fixture(params=["sync", "async"])
def ending(request: pytest.FixtureRequest) -> Callable[[], Ending]:
    """Return a maker of endings, of either client."""
    made, script = (
        (_ending.Ending, Script) if request.param == "sync" else (_async_ending.Ending, AsyncScript)
    )

    def make() -> Ending:
        claim = Claim("r1", "me", timedelta(minutes=5))
        caller: Any = script()
        return made(
            RunState("r1", "w", Capture(claim, False)),
            claim,
            caller,
            3,
            lambda failed: float(failed),
            lock_timeout=30,
        )

    return make


def raised(ended: Ending) -> CompensationPending:
    assert isinstance(ended.raises, CompensationPending)
    return ended.raises


def play(ended: Ending, error: BaseException | None, *outcomes: Any) -> list[str]:
    """End it with these outcomes; return what it did."""
    script: Any = ended.caller
    script.outcomes, script.done = list(outcomes), []
    ending = ended.end(error)
    if ending is not None:
        asyncio.run(ending)
    assert script.outcomes == [], "all outcomes were wanted"
    return script.done


def test_failure_is_told_first(ending: Callable[[], Ending]) -> None:
    assert play(ending(), ValueError(), None, DONE) == ["fail_run", "compensate_run"]


def test_refused_failure_does_not_keep_the_run_from_being_undone(ending: Callable[[], Ending]) -> None:
    error = ValueError()
    assert play(ending(), error, ENDED, DONE) == ["fail_run", "compensate_run"]
    assert error.__notes__ == [
        "pgunwind: fail_run was refused: RunNotRunning: run 'r1' is not running",
        "pgunwind: run 'r1' undone: 2 rows in 1 table (t 2)",
    ]


def test_failure_is_told_over_the_fresh_connection_too(ending: Callable[[], Ending]) -> None:
    assert play(ending(), ValueError(), GONE, None, DONE) == [
        "fail_run",
        "pause 1",
        "fail_run*",
        "compensate_run*",
    ]


def test_told_failure_is_not_told_again(ending: Callable[[], Ending]) -> None:
    assert play(ending(), ValueError(), None, GONE, GONE, DONE) == [
        "fail_run",
        "compensate_run",
        "pause 1",
        "compensate_run*",
        "pause 2",
        "compensate_run*",
    ]


def test_refused_compensation_is_pending_at_once_and_its_cause_told(ending: Callable[[], Ending]) -> None:
    undoing, error = ending(), ValueError("boom")
    refusal = psycopg.errors.RaiseException("no")
    done = play(undoing, error, None, refusal, GONE, None)
    assert done == ["fail_run", "compensate_run", "fail_run", "release_claim°"]
    pending = raised(undoing)
    assert pending.causes == (refusal,)
    assert pending.__cause__ is error
    assert undoing.state.status == "FAILED"
    assert pending.__notes__ == [
        "pgunwind: fail_run was refused: OperationalError: server closed the connection"
    ]


def test_completion_whose_answer_was_lost_is_a_completion(ending: Callable[[], Ending]) -> None:
    completing = ending()
    done = play(completing, None, GONE, ENDED, ENDED, RunCompleted("it is"))
    assert done == ["complete_run", "pause 1", "complete_run*", "fail_run", "compensate_run"]
    assert completing.raises is None
    assert completing.state.status == "COMPLETED"
    assert completing.state.error is None


def test_last_of_several_refusals_is_told(ending: Callable[[], Ending]) -> None:
    deadlock = psycopg.errors.DeadlockDetected("deadlock")
    undoing = ending()
    play(undoing, ValueError("boom"), None, deadlock, deadlock, deadlock, None, None)
    assert len(raised(undoing).causes) == 3
    assert not hasattr(undoing.raises, "__notes__")
    assert undoing.state.status == "FAILED"


def test_error_of_the_body_is_none_the_less_an_error_on_a_completed_run(ending: Callable[[], Ending]) -> None:
    undoing, error = ending(), ValueError()
    play(undoing, error, ENDED, RunCompleted("it is"))
    assert undoing.state.status == "COMPLETED"
    assert undoing.raises is error


def test_completing_is_tried_as_often_as_undoing(ending: Callable[[], Ending]) -> None:
    completing = ending()
    done = play(completing, None, GONE, GONE, GONE, None, DONE)
    assert done[:5] == ["complete_run", "pause 1", "complete_run*", "pause 2", "complete_run*"]
    assert completing.raises is GONE
    assert completing.state.status == "COMPENSATED"


@pytest.mark.parametrize("gone", [GONE, psycopg.InterfaceError("the connection is closed")])
def test_a_connection_that_is_gone_or_closed_is_replaced(
    ending: Callable[[], Ending], gone: psycopg.Error
) -> None:
    completing, undoing = ending(), ending()
    assert play(completing, None, gone, None, {"a": 1})[:3] == ["complete_run", "pause 1", "complete_run*"]
    assert completing.state.status == "COMPLETED"
    assert play(undoing, ValueError(), None, gone, DONE)[1:] == [
        "compensate_run",
        "pause 1",
        "compensate_run*",
    ]
    assert undoing.state.status == "COMPENSATED"


# A lock that is not to be had


def test_a_lock_is_waited_for_once(ending: Callable[[], Ending]) -> None:
    undoing = ending()
    assert undoing._patience() == Patience(30)
    play(undoing, ValueError(), LOCKED, (), LOCKED, LOCKED, None)
    assert undoing._patience() == Patience(0.25, at_once=True)
    assert len(raised(undoing).causes) == 3


def test_the_error_says_who_holds_the_row(ending: Callable[[], Ending]) -> None:
    undoing = ending()
    locked = psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")
    session = Holder(7, None, "app", "web", "idle in transaction", None)
    prepared = Holder(None, "it's", "app", None, None, None)
    done = play(undoing, None, locked, (session, prepared), LOCKED, LOCKED, LOCKED, None)
    assert done[:3] == ["complete_run", "find_holders", "fail_run"]
    assert done[-1] == "renew_claim°", "RUNNING, it is swept once its lease has expired"
    assert locked.__notes__ == [
        "pgunwind: The row of run 'r1' is held by session 7 (app, web, idle in transaction, to end it: "
        "select pg_terminate_backend(7);), "
        "prepared transaction \"it's\" (to end it: rollback prepared 'it''s';)."
    ]


# Interruptions: one that reaches the plan stops it


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), asyncio.CancelledError(), SystemExit(1)])
@pytest.mark.parametrize("told", [(), (None,)], ids=["fail_run", "compensate_run"])
def test_a_stopped_undo_lets_go_of_the_claim_and_says_what_is_not_known(
    ending: Callable[[], Ending], stop: BaseException, told: tuple[None, ...]
) -> None:
    undoing, error = ending(), ValueError("boom")
    done = play(undoing, error, *told, stop, None)
    assert done[-1] == ("release_claim°" if told else "renew_claim°")
    pending = raised(undoing)
    assert (pending.unknown, pending.cause, pending.__cause__) == ("undone", stop, error)
    assert "whether run 'r1' is undone is not known" in str(pending)


def test_a_stopped_completion_says_what_is_not_known(ending: Callable[[], Ending]) -> None:
    completing, stop = ending(), KeyboardInterrupt()
    assert play(completing, None, stop, None) == ["complete_run", "renew_claim°"]
    pending = raised(completing)
    assert (pending.unknown, pending.__cause__) == ("completed", stop)


def test_what_was_held_back_goes_on_when_the_run_has_ended(ending: Callable[[], Ending]) -> None:
    held = KeyboardInterrupt()
    undoing, error = ending(), ValueError("boom")
    play(undoing, error, None, DONE)
    undoing.interrupted(held)
    assert (undoing.raises, held.__cause__) == (held, error)
    assert held.__notes__ == error.__notes__

    completing = ending()
    play(completing, None, None, {"a": 1})
    completing.interrupted(held)
    assert completing.raises is held
    assert held.__notes__[-1] == "pgunwind: run 'r1' is COMPLETED"


def test_what_was_held_back_gives_way_to_the_first_interruption(ending: Callable[[], Ending]) -> None:
    undoing, first = ending(), KeyboardInterrupt()
    play(undoing, first, None, DONE)
    undoing.interrupted(KeyboardInterrupt())
    assert undoing.raises is first


def test_an_interruption_during_a_question_stops_it_too(ending: Callable[[], Ending]) -> None:
    undoing, stop = ending(), KeyboardInterrupt()
    play(undoing, ValueError(), None, (), stop, None)
    assert raised(undoing).cause is stop


# What is said


def test_backoff_grows() -> None:
    assert [default_backoff(failed) for failed in (1, 2)] == [0.2, 0.8]


RECEIPTS = (
    Receipt(1, "b", "t", 1),
    Receipt(2, "a", "t", 2),
    Receipt(3, "a", "u", 0),
    Receipt(4, "a", "v", 1),
)


@pytest.mark.parametrize(
    ("receipts", "recorded", "note"),
    [
        (RECEIPTS, {"a": 1, "b": 5}, "4 rows in 2 tables (t 3, v 1)"),
        (RECEIPTS, {"a": 1, "b": 1, "c": 2}, "4 rows in 2 tables (t 3, v 1); 2 recorded keys matched no row"),
        (RECEIPTS[2:3], {"a": 1}, "1 recorded key matched no row"),
        ((), {"a": 1, "b": 1}, "2 recorded keys matched no row"),
        ((), {}, "nothing was recorded"),
    ],
)
def test_note_says_what_was_undone(
    receipts: tuple[Receipt, ...], recorded: dict[str, int], note: str
) -> None:
    assert undone_note("r1", receipts, recorded) == f"pgunwind: run 'r1' undone: {note}"


def test_the_database_is_asked_where_the_receipts_do_not_say(ending: Callable[[], Ending]) -> None:
    undoing, error = ending(), ValueError()
    undoing.state.recorded("a", [("1",)])
    assert play(undoing, error, None, (), {"a": 2, "c": 1})[-1] == "run_steps"
    assert error.__notes__ == ["pgunwind: run 'r1' undone: 3 recorded keys matched no row"]

    undoing, error = ending(), ValueError()
    undoing.state.recorded("a", [("1",)])
    play(undoing, error, None, (), psycopg.errors.InsufficientPrivilege())
    assert error.__notes__ == ["pgunwind: run 'r1' undone: 1 recorded key matched no row"]


def test_error_text_is_fit_for_a_text_column() -> None:
    assert describe(ValueError("a\x00b")) == "ValueError: ab"
    assert describe(KeyboardInterrupt()) == "KeyboardInterrupt"
