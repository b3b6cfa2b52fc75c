"""The pure core that the synchronous and the asynchronous client share; nothing here does I/O.

It knows the state of a run and decides, as generators, what is to be done when the run ends. A shell carries
out each action that such a plan yields and sends back the outcome, or throws in the error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, TypeVar
from weakref import WeakSet

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import PipelineStatus, TransactionStatus

from . import _commands
from ._claims import Claim
from ._commands import Command, Patience
from .errors import (
    ClaimLost,
    CompensationPending,
    RunCompleted,
    SchemaTooOld,
    TransactionMismatch,
    describe,
)
from .results import Holder, Receipt, RunResult, RunStatus

NEEDED_SCHEMA_VERSION: Final = 2
DEFAULT_LEASE: Final = timedelta(minutes=5)
DEFAULT_ATTEMPTS: Final = 3
DEFAULT_LOCK_TIMEOUT: Final = timedelta(seconds=30)
IMPATIENT: Final = 0.25
"""Seconds to wait for a lock where waiting cannot help: enough for what holds it for a moment only."""

T = TypeVar("T")

Backoff = Callable[[int], float]
"""Seconds to wait after so many failed tries."""

AnyConnection = psycopg.Connection[Any] | psycopg.AsyncConnection[Any]


def default_backoff(failed: int) -> float:
    """Seconds to wait after so many failed tries: 0.2 after the first, then four times as long after each."""
    return 0.2 * 4.0 ** (failed - 1)


# The state of a run ----------------------------------------------------------------------------


Entity = tuple[str, tuple[str, ...]]
"""A step and an entity key."""


@dataclass(slots=True)
class RunState:
    """What this client knows of a run that it started."""

    run_id: str
    workflow: str
    status: RunStatus = "RUNNING"
    steps: list[str] = field(default_factory=list)
    receipts: tuple[Receipt, ...] = ()
    error: str | None = None
    keys: set[Entity] = field(default_factory=set)
    """What was recorded, as far as this client knows."""
    _open: dict[AnyConnection, list[Entity]] = field(default_factory=dict)
    """Of the steps that are open: what is recorded once they commit."""
    _given: WeakSet[AnyConnection] = field(default_factory=WeakSet)
    """Connections that record() was given: their transactions hold the run's row, and end when they like."""

    def recorded(self, entity: Entity, connection: AnyConnection | None = None) -> None:
        """Take note of it: recorded in a transaction of its own, of a step, or of a connection of others."""
        if connection in self._open:
            self._open[connection].append(entity)
            return
        self.keys.add(entity)
        if connection is not None:
            self._given.add(connection)

    def step_opened(self, connection: AnyConnection) -> None:
        self._open[connection] = []

    def step_closed(self, step: str, connection: AnyConnection, committed: bool) -> None:
        recorded = self._open.pop(connection, [])
        if committed:
            self.keys.update(recorded)
            if step not in self.steps:
                self.steps.append(step)

    def keys_per_step(self) -> dict[str, int]:
        return dict(Counter(step for step, _ in self.keys))

    def given_in_transaction(self) -> AnyConnection | None:
        """A connection that record() was given, and that has not ended its transaction, or is in another."""
        return next((given for given in self._given if in_transaction(given)), None)

    def result(self) -> RunResult:
        return RunResult(
            self.run_id, self.workflow, self.status, tuple(self.steps), self.receipts, self.error
        )


# Plans: what to do when a run ends --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Do:
    """Carry out a command in a transaction of its own."""

    command: Command[Any]
    fresh: bool = False
    """On a connection that is known to be new."""
    roll_back: bool = False
    """Roll back first what the caller left open; otherwise an open transaction is an error."""
    patience: Callable[[], Patience] | None = None
    """How long to wait for a lock; asked when what was left open is rolled back."""
    apart: bool = False
    """On a connection made for this, beside the application's: also after the run's end was stopped."""

    def patient_command(self) -> Command[Any]:
        """The command, with its patience."""
        return self.command if self.patience is None else _commands.patient(self.command, self.patience())


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait."""

    seconds: float


Plan = Generator[Do | Pause, Any, None]


@dataclass(slots=True)
class Ending:
    """Ends one run: as completed, or undone after an exception.

    It waits for steps in flight, which hold the run's row, for as long as lock_timeout, once. An interruption
    that reaches it (the shells hold back the first) stops it: then the run is left to recover_runs.
    """

    state: RunState
    attempts: int
    backoff: Backoff
    claim: Claim
    lock_timeout: float = DEFAULT_LOCK_TIMEOUT.total_seconds()
    raises: BaseException | None = None
    """What leaves the block in the end."""
    nothing_recorded: bool = False
    """The run is COMPLETED without having recorded anything."""
    _completing: bool = False
    _undoing: bool = False
    _failure_told: bool = False
    _waited: bool = False

    def end(self, error: BaseException | None) -> Plan:
        """The block was left, normally or by this error; what it then raises is told by `raises`."""
        self.claim.ending = True
        try:
            if error is None:
                error = yield from self._complete()
            if error is not None and (yield from self._undo(error)):
                self.raises = error
        except Exception as pending:
            self.raises = pending
        except GeneratorExit:
            raise
        except BaseException as stop:
            self._stopped(stop, error)
            yield from self._leave()
        finally:
            self.claim.over = True

    def interrupted(self, held: BaseException | None) -> None:
        """An interruption was held back until the run had ended. It goes on now, unless another one does."""
        if held is None or isinstance(self.raises, CompensationPending):
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

    def _complete(self) -> Generator[Do | Pause, Any, BaseException | None]:
        """A lost connection harms no committed step, so this is tried again. Returns why it is not done."""
        try:
            self.claim.assert_held()
        except ClaimLost as lost:
            return lost
        self._completing = True
        command = _commands.complete_run(self.state.run_id)
        for failed in range(self.attempts):
            try:
                yield Do(command, fresh=failed > 0, patience=self._patience)
                break
            except Exception as error:
                if isinstance(error, psycopg.errors.LockNotAvailable):
                    return (yield from self._explained(error))
                if not is_transient(error) or failed + 1 == self.attempts:
                    return error
                yield Pause(self.backoff(failed + 1))
        self.state.status = "COMPLETED"
        if not self.state.keys:
            recorded = yield from self._ask(_commands.recorded_keys(self.state.run_id))
            self.nothing_recorded = not recorded
        return None

    def _undo(self, error: BaseException) -> Generator[Do | Pause, Any, bool]:
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
            yield from self._leave()
            error.add_note(f"pgunwind: run {self.state.run_id!r} is not undone yet: recover_runs will do it")
            return True
        causes: list[BaseException] = []
        while len(causes) < self.attempts:
            try:
                if causes:
                    yield Pause(self.backoff(len(causes)))
                return (yield from self._undo_once(error, fresh=bool(causes)))
            except Exception as cause:
                causes.append((yield from self._explained(cause)))
                if not is_transient(causes[-1]):
                    break
        pending = CompensationPending(self.state.run_id, causes)
        if not is_silent(pending.cause) and (self._failure_told or not self._waited):
            yield from self._keep_cause(error, pending)
        yield from self._leave()
        raise pending from error

    def _undo_once(self, error: BaseException, fresh: bool) -> Generator[Do | Pause, Any, bool]:
        if not self._failure_told:
            yield from self._tell_failure(error, fresh)
        try:
            command = _commands.compensate_run(self.state.run_id)
            self.state.receipts = yield Do(command, fresh, roll_back=True, patience=self._patience)
        except RunCompleted:
            self.state.status = "COMPLETED"
            error.add_note(
                f"pgunwind: run {self.state.run_id!r} is COMPLETED in the database; nothing was undone"
            )
            if self._completing:  # the answer was lost, not the commit
                self.state.error = None
            return not self._completing
        self.state.status = "COMPENSATED"
        error.add_note((yield from self._undone_note()))
        return True

    def _undone_note(self) -> Generator[Do, Any, str]:
        """The receipts say all, unless there are none, or none of a step that has recorded keys."""
        run_id, receipts, recorded = self.state.run_id, self.state.receipts, self.state.keys_per_step()
        if unmatched_keys(receipts, recorded) or not any(receipt.rows_deleted for receipt in receipts):
            asked = yield from self._ask(_commands.recorded_keys(run_id))
            recorded = recorded if asked is None else asked
        return undone_note(run_id, receipts, recorded)

    def _tell_failure(self, error: BaseException, fresh: bool) -> Plan:
        """A refusal does not keep the run from being undone; a lost connection is the next try's matter."""
        try:
            command = _commands.fail_run(self.state.run_id, describe(error))
            yield Do(command, fresh, roll_back=True, patience=self._patience)
            self.state.status = "FAILED"
        except Exception as refusal:
            if is_transient(refusal):
                raise
            error.add_note(f"pgunwind: fail_run was refused: {describe(refusal)}")
        self._failure_told = True

    def _keep_cause(self, error: BaseException, pending: CompensationPending) -> Plan:
        """A failing function cannot record its own failure, so it is recorded in another transaction."""
        text = f"compensation failed: {describe(pending.cause)}\nthe run had failed: {describe(error)}"
        try:
            fresh = is_transient(pending.cause)
            command = _commands.fail_run(self.state.run_id, text)
            yield Do(command, fresh, roll_back=True, patience=self._patience)
            self.state.status = "FAILED"
        except Exception as refusal:
            pending.add_note(f"pgunwind: fail_run was refused: {describe(refusal)}")

    def _leave(self) -> Plan:
        """Others need not wait for the lease: sweeps take what is FAILED, or RUNNING with an expired one."""
        self.claim.over = True
        if self.state.status == "FAILED":
            command: Command[Any] = _commands.release_claim(self.state.run_id, self.claim.worker)
        else:
            command = _commands.renew_claim(self.state.run_id, self.claim.worker, timedelta(microseconds=1))
        with suppress(Exception):  # nobody answers: then the lease runs out by itself
            yield Do(command, apart=True, patience=self._patience)

    def _explained(self, error: Exception) -> Generator[Do, Any, Exception]:
        """A lock that was not to be had: whose it is. It was waited for once; from now on, no more."""
        if not isinstance(error, psycopg.errors.LockNotAvailable):
            return error
        detail = ""
        if not self._waited:
            self._waited = True
            if holders := (yield from self._ask(_commands.find_holders(self.state.run_id))):
                held_by = ", ".join(describe_holder(holder) for holder in holders)
                detail = f"The row of run {self.state.run_id!r} is held by {held_by}."
        if self.state.given_in_transaction() is None:
            if detail:
                error.add_note(f"pgunwind: {detail}")
            return error
        mismatch = TransactionMismatch(
            f"run {self.state.run_id!r} is left before a transaction that it has recorded in has ended",
            f"A connection that was given to record() is still in a transaction. {detail}".rstrip(),
            "Commit or roll back before the run's block ends: open the transaction within it, not around it.",
        )
        mismatch.__cause__ = error
        return mismatch

    def _ask(self, command: Command[T]) -> Generator[Do, Any, T | None]:
        """A question whose answer only makes a message better."""
        try:
            answer: T = yield Do(command, roll_back=True, patience=self._patience)
        except Exception:
            return None
        return answer

    def _patience(self) -> Patience:
        """None, once it was waited for, or where who would have to let go waits for us."""
        at_once = self._waited or self.state.given_in_transaction() is not None
        return Patience(min(self.lock_timeout, IMPATIENT) if at_once else self.lock_timeout, at_once)


def is_transient(error: BaseException) -> bool:
    """Whether trying again on a fresh connection can help: the connection is gone, a deadlock, a timeout."""
    return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))


def is_silent(error: BaseException) -> bool:
    """Whether no server answered: then there is none to tell anything to."""
    return is_transient(error) and isinstance(error, psycopg.Error) and error.sqlstate is None


def nothing_recorded(run_id: str) -> str:
    """The warning's text."""
    return (
        f"run {run_id!r} is COMPLETED and has recorded nothing: had it failed, nothing would have been "
        "undone; give run.step() the key, or call run.record()"
    )


def undone_note(run_id: str, receipts: tuple[Receipt, ...], recorded: Mapping[str, int]) -> str:
    """The note on the exception that goes on: pgunwind: run 'x' undone: 22 rows in 10 tables (…)."""
    per_table: dict[str, int] = {}
    for receipt in receipts:
        if receipt.rows_deleted:
            per_table[receipt.table_name] = per_table.get(receipt.table_name, 0) + receipt.rows_deleted
    said = []
    if per_table:
        tables = ", ".join(f"{table} {rows}" for table, rows in per_table.items())
        total = _count(sum(per_table.values()), "row")
        said.append(f"{total} in {_count(len(per_table), 'table')} ({tables})")
    elif not recorded:
        said.append("nothing was recorded")
    if unmatched := unmatched_keys(receipts, recorded):
        said.append(f"{_count(unmatched, 'recorded key')} matched no row")
    return f"pgunwind: run {run_id!r} undone: {'; '.join(said)}"


def unmatched_keys(receipts: tuple[Receipt, ...], recorded: Mapping[str, int]) -> int:
    """How many keys matched no row for certain: those of the steps for which none was deleted."""
    matched = {receipt.step for receipt in receipts if receipt.rows_deleted}
    return sum(keys for step, keys in recorded.items() if step not in matched)


def describe_holder(holder: Holder) -> str:
    """Who holds a run's row, and how to end it: session 123 (app, idle in transaction since …)."""
    if holder.gid is not None:
        gid = holder.gid.replace("'", "''")
        return f"prepared transaction {holder.gid!r} (to end it: rollback prepared '{gid}';)"
    told = [holder.login, holder.application, holder.state]
    if holder.since is not None:
        told.append(f"since {holder.since:%Y-%m-%d %H:%M:%S%z}")
    told.append(f"to end it: select pg_terminate_backend({holder.pid});")
    return f"session {holder.pid} ({', '.join(word for word in told if word)})"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


# Connections ------------------------------------------------------------------------------------


def in_transaction(connection: AnyConnection) -> bool:
    """Whether a transaction is open on the connection, or a statement is under way."""
    return connection.info.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)


def is_busy(connection: AnyConnection) -> bool:
    """Whether a call on it was broken off before its answer came, so that it takes no other."""
    active = connection.info.transaction_status == TransactionStatus.ACTIVE
    return active and not connection.lock.locked()


def require_idle(connection: AnyConnection) -> None:
    """Refuse to call a commit what would only be a savepoint in somebody else's transaction."""
    if in_transaction(connection):
        raise TransactionMismatch(
            "the connection is in a transaction already",
            "Runs and steps are transactions of their own; nested in another one they would not commit.",
            "Commit first, set autocommit, or give Unwind a pool or a conninfo.",
        )


def require_autocommit(connection: AnyConnection) -> None:
    """Refuse to run a procedure that commits on a connection that would put a transaction around it."""
    require_idle(connection)
    if not connection.autocommit:
        raise TransactionMismatch(
            "the connection is not in autocommit",
            "The procedure commits by itself, which it cannot do inside a transaction.",
            "Set connection.autocommit = True, or leave connection= out.",
        )


def require_transaction(connection: AnyConnection) -> None:
    """Refuse what would be lost at once, for want of a transaction that it could last for."""
    if connection.autocommit and not in_transaction(connection):
        raise TransactionMismatch(
            "the connection is in no transaction",
            "It is in autocommit, so the call would be a transaction of its own and over before yours.",
            "Open one first: with connection.transaction(): …",
        )


def begins_plainly(connection: AnyConnection) -> bool:
    """Whether the connection gives its transactions no isolation level, nor anything else, of its own."""
    settings = (connection.isolation_level, connection.read_only, connection.deferrable)
    return settings == (None, None, None)


def can_pipeline(connection: AnyConnection) -> bool:
    """Whether libpq knows the pipeline mode (from 14 on), and the caller has not switched to it already."""
    return psycopg.Pipeline.is_supported() and connection.info.pipeline_status == PipelineStatus.OFF


def reconnect_parameters(connection: AnyConnection) -> dict[str, Any]:
    """What it takes to connect again as this connection did, password included."""
    parameters: dict[str, Any] = dict(connection.info.get_parameters())
    if connection.info.password:
        parameters["password"] = connection.info.password
    return parameters


def parameters_apart(conninfo: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What a connection beside the application's is made with: it gives up in time where nobody answers."""
    return {**GIVES_UP, **conninfo_to_dict(conninfo), **parameters, **OWN_CONNECTION}


OWN_CONNECTION: Final[dict[str, Any]] = {"autocommit": True, "prepare_threshold": None}
"""Settings of the connections that the client opens: fit for transaction-mode poolers."""

GIVES_UP: Final[dict[str, Any]] = {"connect_timeout": 10, "tcp_user_timeout": 10_000}
"""Seconds, and milliseconds."""


# Schema version ---------------------------------------------------------------------------------


def schema_missing(error: psycopg.Error) -> SchemaTooOld | None:
    """The error of a database without schema unwind, or without its version function; else None."""
    if not isinstance(error, (psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName)):
        return None
    return _too_old("the database has no pgunwind schema", str(error))


def assert_schema_version(version: int) -> None:
    """Refuse a schema that is older than this client."""
    if version < NEEDED_SCHEMA_VERSION:
        raise _too_old(
            "the pgunwind schema of the database is too old",
            f"It is version {version}; this client needs {NEEDED_SCHEMA_VERSION} or later.",
        )


def _too_old(message: str, detail: str) -> SchemaTooOld:
    return SchemaTooOld(message, detail, "python -m pgunwind migrate")


# Open steps -------------------------------------------------------------------------------------

OpenSteps = tuple[tuple[str, AnyConnection], ...]
"""Run ids and connections of the steps that the current thread or task is in, outermost first."""

open_steps: ContextVar[OpenSteps] = ContextVar("pgunwind_open_steps", default=())


def step_connection(run_id: str) -> AnyConnection:
    """The connection of the innermost step of this run that the current thread or task is in."""
    for open_run, connection in reversed(open_steps.get()):
        if open_run == run_id:
            return connection
    raise TransactionMismatch(
        f"no step of run {run_id!r} is open here",
        "record belongs to the transaction of a step; intend has one of its own.",
        "Call it within run.step(…), name the connection, or use run.intend(…).",
    )


@contextmanager
def step_open(run_id: str, connection: AnyConnection) -> Iterator[None]:
    """Within it, step_connection finds this connection."""
    outer = open_steps.get()
    open_steps.set((*outer, (run_id, connection)))
    try:
        yield
    finally:
        open_steps.set(outer)


def no_source(given: object, wanted: str) -> TypeError:
    """The error for something that a client cannot get connections from."""
    return TypeError(f"cannot get connections from a {type(given).__name__}: give {wanted}")
