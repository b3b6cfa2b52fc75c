# Made from _async_ending.py by make sync-client: change that file, not this one.

"""What is done when a run ends, step by step; how each call is made is the caller's matter."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Literal, TypeVar

import psycopg

from . import _commands
from ._caller import Caller
from ._claims import Claim
from ._commands import Command, Patience
from ._heartbeats import Heartbeats
from ._notes import describe_holder, rows_undone, undone_note, unmatched_keys
from ._retries import IMPATIENT, Backoff, is_silent, is_transient
from ._run_state import RunState
from ._shield import Shield
from ._start import Start
from .errors import (
    ClaimLost,
    CompensationPending,
    Failed,
    RunCompleted,
    TransactionMismatch,
    describe,
)

T = TypeVar("T")

Leaves = Literal["completed", "unclaimed", "as it is"]
"""How the run is left where its block is left normally."""


@dataclass(slots=True)
class Ending:
    """Ends one run: as completed, or undone after an exception. An attached one is only left.

    It waits for steps in flight, which hold the run's row, for as long as lock_timeout, once. An interruption
    that reaches it (the shield holds back the first) stops it: then the run is left to recover_runs.
    """

    state: RunState
    claim: Claim
    caller: Caller
    attempts: int
    backoff: Backoff
    lock_timeout: float
    """In seconds."""
    start: Start | None = None
    """Of a run that is not started as long as nothing needs it."""
    leaves: Leaves = "completed"
    raises: BaseException | None = None
    """What leaves the block in the end."""
    nothing_recorded: bool = False
    """The run is COMPLETED without having recorded anything."""
    _completing: bool = False
    _undoing: bool = False
    _failure_told: bool = False
    _waited: bool = False

    def completes_at_once(self) -> bool:
        """The block was left normally: complete the run in one message. Returns whether that was all.

        It may be interrupted: end() does the rest, also where it has completed and that is not known.
        """
        if self.state.failure is not None or self.leaves != "completed" or self.claim.lost:
            return False
        if self.start is not None and self.start.command is not None:
            return False
        if self.state.status != "COMPLETED":
            if self._completing:  # it was tried
                return False
            self.claim.ending = self._completing = True
            script = _commands.complete_at_once(self.state.run_id, self.claim.worker)
            if not self.caller.call_in_message(script):
                return False
            self.state.status = "COMPLETED"
        self.claim.over = True
        return self.state.has_work and not self.state.given

    def end(self, error: BaseException | None) -> None:
        """The block was left, normally or by this error; what it then raises is told by `raises`."""
        self.claim.ending = True
        try:
            if error is None and self.completes_at_once():
                return
            if error is None and self.state.failure is not None:
                error = Failed(self.state.failure)
            if self.state.status == "COMPLETED":
                self.raises = error
                self._completed(error)
                return
            if error is None:
                error = self._complete()
            if error is not None and self._undo(error) and not isinstance(error, Failed):
                self.raises = error
        except Exception as pending:
            self.raises = pending
        except GeneratorExit:  # the event loop is gone, and nothing can be awaited any more
            raise
        except BaseException as stop:
            self._stopped(stop, error)
            self._leave()
        finally:
            self.claim.over = True

    def by(self, shield: Shield, heartbeats: Heartbeats, error: BaseException | None) -> None:
        """End the run; an interruption is held back until that is done, and a second one stops it."""

        def at_once() -> bool:
            if error is not None or not self.completes_at_once():
                return False
            heartbeats.drop(self.claim)
            return True

        def work() -> None:
            try:
                self.end(error)
            finally:
                heartbeats.drop(self.claim)

        outcome = shield.hold(at_once, work)
        if outcome.abandoned is not None:
            self.gave_up(outcome.abandoned, error)
        elif outcome.held is not None:
            self.interrupted(outcome.held)

    def interrupted(self, held: BaseException) -> None:
        """An interruption was held back until the run had ended. It goes on now, unless another one does."""
        if isinstance(self.raises, CompensationPending):
            return
        if self.raises is None:
            held.add_note(f"pgunwind: run {self.state.run_id!r} is {self.state.status}")
        elif isinstance(self.raises, Exception):
            held.__cause__ = self.raises
            for note in getattr(self.raises, "__notes__", ()):
                held.add_note(note)
        else:
            return
        self.raises = held

    def gave_up(self, stop: BaseException, error: BaseException | None) -> None:
        """It had to stop, and not even that came to an end."""
        self.claim.over = True
        self._stopped(stop, error)

    def _stopped(self, stop: BaseException, error: BaseException | None) -> None:
        unknown = "undone" if self._undoing else "completed"
        self.raises = CompensationPending(self.state.run_id, [stop], unknown)
        self.raises.__cause__ = error or stop

    def _complete(self) -> BaseException | None:
        """A lost connection harms no committed step, so this is tried again. Returns why it is not done."""
        try:
            self.claim.assert_held()
        except ClaimLost as lost:
            return lost
        if self.leaves == "as it is":
            return None
        self._completing = self.leaves == "completed"
        command = (
            _commands.complete_run(self.state.run_id)
            if self._completing
            else _commands.release_claim(self.state.run_id, self.claim.worker)
        )
        for failed in range(self.attempts):
            try:
                self._begin(fresh=failed > 0)
                self.caller.call(command, self._patience, fresh=failed > 0)
                break
            except Exception as error:
                if isinstance(error, psycopg.errors.LockNotAvailable):
                    return self._explained(error)
                if not is_transient(error) or failed + 1 == self.attempts:
                    return error
                self.caller.pause(self.backoff(failed + 1))
        if self._completing:
            self.state.status = "COMPLETED"
            self._ask_what_was_recorded()
        return None

    def _completed(self, error: BaseException | None) -> None:
        """It had completed before the block was left."""
        if error is not None:
            error.add_note(self._completed_note())
        elif self._completing or self.state.steps:
            self._ask_what_was_recorded()

    def _ask_what_was_recorded(self) -> None:
        known = self.state.keys_per_step()
        recorded = known if self.state.has_work and not self.state.given else self._recorded(known)
        self.nothing_recorded = not recorded and not self.state.capture.has_entered

    def _recorded(self, known: Mapping[str, int]) -> Mapping[str, int]:
        """How many keys each step has recorded: what the database says, if it says anything."""
        asked = self._ask(_commands.recorded_keys(self.state.run_id))
        if asked is None:
            return known
        self.state.given_committed(asked)
        return asked

    def _begin(self, *, fresh: bool, roll_back: bool = False) -> None:
        """Start the run, if nothing has needed it so far."""
        if self.start is None or self.start.command is None:
            return
        call = partial(self.caller.call, patience=self._patience, fresh=fresh, roll_back=roll_back)
        self.start.by(call)
        self.start.command = None

    def _undo(self, error: BaseException) -> bool:
        """fail_run, compensate_run, a note on the error. Returns whether the error goes on.

        Raises CompensationPending from the error if the run cannot be undone now.
        """
        self.state.error = describe(error)
        if self.claim.lost or isinstance(error, ClaimLost):
            error.add_note(
                f"pgunwind: run {self.state.run_id!r} has been taken over: nothing was undone here"
            )
            return True
        self._undoing = True
        if self._waited and isinstance(error, TransactionMismatch):  # what keeps it from being completed
            self._leave()
            error.add_note(f"pgunwind: run {self.state.run_id!r} is not undone yet: recover_runs will do it")
            return True
        causes: list[BaseException] = []
        while len(causes) < self.attempts:
            try:
                if causes:
                    self.caller.pause(self.backoff(len(causes)))
                return self._undo_once(error, fresh=bool(causes))
            except Exception as cause:
                causes.append(self._explained(cause))
                if not is_transient(causes[-1]):
                    break
        pending = CompensationPending(self.state.run_id, causes)
        if not is_silent(pending.cause) and (self._failure_told or not self._waited):
            self._keep_cause(error, pending)
        self._leave()
        raise pending from error

    def _undo_once(self, error: BaseException, fresh: bool) -> bool:
        try:
            self._begin(fresh=fresh, roll_back=True)
        except Exception as refusal:
            if is_transient(refusal):
                raise
            error.add_note(f"pgunwind: run {self.state.run_id!r} was never started: {describe(refusal)}")
            return True
        if not self._failure_told:
            self._tell_failure(error, fresh)
        try:
            command = _commands.compensate_run(self.state.run_id)
            self.state.receipts = self._call(command, fresh)
        except RunCompleted:
            self.state.status = "COMPLETED"
            error.add_note(self._completed_note())
            if self._completing:  # the answer was lost, not the commit
                self.state.error = None
            return not self._completing
        self.state.status = "COMPENSATED"
        error.add_note(self._undone_note())
        return True

    def _completed_note(self) -> str:
        return f"pgunwind: run {self.state.run_id!r} is COMPLETED in the database; nothing was undone"

    def _undone_note(self) -> str:
        """The receipts say all, unless there are none, or none of a step that has recorded keys."""
        run_id, receipts = self.state.run_id, self.state.receipts
        recorded: Mapping[str, int] = self.state.keys_per_step()
        unsaid = unmatched_keys(receipts, recorded) or not any(map(rows_undone, receipts))
        if unsaid or self.state.given:
            recorded = self._recorded(recorded)
        return undone_note(run_id, receipts, recorded)

    def _tell_failure(self, error: BaseException, fresh: bool) -> None:
        """A refusal does not keep the run from being undone; a lost connection is the next try's matter."""
        try:
            command = _commands.fail_run(self.state.run_id, describe(error))
            self._call(command, fresh)
            self.state.status = "FAILED"
        except Exception as refusal:
            if is_transient(refusal):
                raise
            error.add_note(f"pgunwind: fail_run was refused: {describe(refusal)}")
        self._failure_told = True

    def _keep_cause(self, error: BaseException, pending: CompensationPending) -> None:
        """A failing function cannot record its own failure, so it is recorded in another transaction."""
        text = f"compensation failed: {describe(pending.cause)}\nthe run had failed: {describe(error)}"
        try:
            fresh = is_transient(pending.cause)
            command = _commands.fail_run(self.state.run_id, text)
            self._call(command, fresh)
            self.state.status = "FAILED"
        except Exception as refusal:
            pending.add_note(f"pgunwind: fail_run was refused: {describe(refusal)}")

    def _leave(self) -> None:
        """Others need not wait for the lease: sweeps take what is FAILED, or RUNNING with an expired one."""
        self.claim.over = True
        if self.state.status == "FAILED":
            command: Command[Any] = _commands.release_claim(self.state.run_id, self.claim.worker)
        else:
            command = _commands.renew_claim(self.state.run_id, self.claim.worker, timedelta(microseconds=1))
        with suppress(Exception):  # nobody answers: then the lease runs out by itself
            self.caller.call_apart(command, self._patience())

    def _explained(self, error: Exception) -> Exception:
        """A lock that was not to be had: whose it is. It was waited for once; from now on, no more."""
        if not isinstance(error, psycopg.errors.LockNotAvailable):
            return error
        detail = ""
        if not self._waited:
            self._waited = True
            if holders := self._ask(_commands.find_holders(self.state.run_id)):
                held_by = ", ".join(describe_holder(holder) for holder in holders)
                detail = f"The row of run {self.state.run_id!r} is held by {held_by}."
        still_open = self.state.still_open()
        if not still_open:
            if detail:
                error.add_note(f"pgunwind: {detail}")
            return error
        mismatch = TransactionMismatch(
            f"run {self.state.run_id!r} is left before a transaction of it has ended",
            f"Still in a transaction: {', '.join(map(repr, still_open))}. {detail}".rstrip(),
            "Commit or roll back before the run's block ends: open the transaction within it, not around it.",
        )
        mismatch.__cause__ = error
        return mismatch

    def _ask(self, command: Command[T]) -> T | None:
        """A question whose answer only makes a message better."""
        try:
            return self._call(command)
        except Exception:
            return None

    def _call(self, command: Command[T], fresh: bool = False) -> T:
        """What comes after the block was left by an error: what it left open is rolled back first."""
        return self.caller.call(command, self._patience, fresh=fresh, roll_back=True)

    def _patience(self) -> Patience:
        """None, once it was waited for, or where who would have to let go waits for us."""
        at_once = self._waited or bool(self.state.still_open())
        return Patience(min(self.lock_timeout, IMPATIENT) if at_once else self.lock_timeout, at_once)
