"""The pure core that the synchronous and the asynchronous client share; nothing here does I/O.

It knows the state of a run and decides, as generators, what is to be done when the run ends. A shell carries
out each action that such a plan yields and sends back the outcome, or throws in the error.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import psycopg
from psycopg.pq import PipelineStatus, TransactionStatus

from . import _commands
from ._claims import Claim
from ._commands import Command
from .errors import (
    ClaimLost,
    CompensationPending,
    RunCompleted,
    SchemaTooOld,
    TransactionMismatch,
    describe,
)
from .results import Receipt, RunResult, RunStatus

NEEDED_SCHEMA_VERSION: Final = 2
DEFAULT_LEASE: Final = timedelta(minutes=5)
DEFAULT_ATTEMPTS: Final = 3

Backoff = Callable[[int], float]
"""Seconds to wait after so many failed tries."""

AnyConnection = psycopg.Connection[Any] | psycopg.AsyncConnection[Any]


def default_backoff(failed: int) -> float:
    """Seconds to wait after so many failed tries: 0.2 after the first, then four times as long after each."""
    return 0.2 * 4.0 ** (failed - 1)


# The state of a run ----------------------------------------------------------------------------


@dataclass(slots=True)
class RunState:
    """What this client knows of a run that it started."""

    run_id: str
    workflow: str
    status: RunStatus = "RUNNING"
    steps: list[str] = field(default_factory=list)
    receipts: tuple[Receipt, ...] = ()
    error: str | None = None

    def step_committed(self, step: str) -> None:
        if step not in self.steps:
            self.steps.append(step)

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


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait."""

    seconds: float


Plan = Generator[Do | Pause, Any, None]


@dataclass(slots=True)
class Ending:
    """Ends one run: as completed, or undone after an exception."""

    state: RunState
    attempts: int
    backoff: Backoff
    claim: Claim
    completed_after_all: bool = False
    """Completing reported an error, yet the run is COMPLETED: the answer was lost, not the commit."""
    _completing: bool = False
    _failure_told: bool = False

    def complete(self) -> Plan:
        """The body was left normally. A lost connection harms no committed step, so this is tried again."""
        self._completing = True
        command = _commands.complete_run(self.state.run_id)
        for failed in range(self.attempts):
            try:
                yield Do(command, fresh=failed > 0)
                break
            except Exception as error:
                if not is_transient(error) or failed + 1 == self.attempts:
                    raise
                yield Pause(self.backoff(failed + 1))
        self.state.status = "COMPLETED"

    def undo(self, error: BaseException) -> Plan:
        """The body raised, or the run could not be completed: fail_run, compensate_run, a note on the error.

        Raises CompensationPending from the error if the run cannot be undone now.
        """
        self.state.error = describe(error)
        if self.claim.lost or isinstance(error, ClaimLost):
            error.add_note(
                f"pgunwind: run {self.state.run_id!r} has been taken over: nothing was undone here"
            )
            return
        causes: list[BaseException] = []
        while len(causes) < self.attempts:
            try:
                if causes:
                    yield Pause(self.backoff(len(causes)))
                yield from self._undo_once(error, fresh=bool(causes))
                return
            except Exception as cause:
                causes.append(cause)
                if not is_transient(cause):
                    break
            except BaseException:
                error.add_note(f"pgunwind: run {self.state.run_id!r} is not undone: interrupted")
                raise
        pending = CompensationPending(self.state.run_id, causes)
        if not is_silent(pending.cause):
            yield from self._keep_cause(error, pending)
        raise pending from error

    def _undo_once(self, error: BaseException, fresh: bool) -> Plan:
        if not self._failure_told:
            yield from self._tell_failure(error, fresh)
        try:
            command = _commands.compensate_run(self.state.run_id)
            self.state.receipts = yield Do(command, fresh, roll_back=True)
        except RunCompleted:
            self.state.status = "COMPLETED"
            if self._completing and isinstance(error, Exception):  # an interrupt goes on all the same
                self.completed_after_all = True
                self.state.error = None
            error.add_note(
                f"pgunwind: run {self.state.run_id!r} is COMPLETED in the database; nothing was undone"
            )
        else:
            self.state.status = "COMPENSATED"
            error.add_note(undone_note(self.state.run_id, self.state.receipts))

    def _tell_failure(self, error: BaseException, fresh: bool) -> Plan:
        """A refusal does not keep the run from being undone; a lost connection is the next try's matter."""
        try:
            yield Do(_commands.fail_run(self.state.run_id, describe(error)), fresh, roll_back=True)
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
            yield Do(_commands.fail_run(self.state.run_id, text), fresh, roll_back=True)
            self.state.status = "FAILED"
            # Others need not wait for the lease to run out.
            yield Do(_commands.release_claim(self.state.run_id, self.claim.worker), fresh, roll_back=True)
        except Exception as refusal:
            pending.add_note(f"pgunwind: fail_run was refused: {describe(refusal)}")


def is_transient(error: BaseException) -> bool:
    """Whether trying again on a fresh connection can help: the connection is gone, a deadlock, a timeout."""
    return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))


def is_silent(error: BaseException) -> bool:
    """Whether no server answered: then there is none to tell anything to."""
    return is_transient(error) and isinstance(error, psycopg.Error) and error.sqlstate is None


def undone_note(run_id: str, receipts: tuple[Receipt, ...]) -> str:
    """The note on the exception that goes on: pgunwind: run 'x' undone: 22 rows in 10 tables (…)."""
    per_table: dict[str, int] = {}
    for receipt in receipts:
        if receipt.rows_deleted:
            per_table[receipt.table_name] = per_table.get(receipt.table_name, 0) + receipt.rows_deleted
    if not per_table:
        return f"pgunwind: run {run_id!r} undone: it had left no rows"
    tables = ", ".join(f"{table} {rows}" for table, rows in per_table.items())
    total = _count(sum(per_table.values()), "row")
    return f"pgunwind: run {run_id!r} undone: {total} in {_count(len(per_table), 'table')} ({tables})"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


# Connections ------------------------------------------------------------------------------------


def in_transaction(connection: AnyConnection) -> bool:
    """Whether a transaction is open on the connection, or a statement is under way."""
    return connection.info.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)


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


OWN_CONNECTION: Final[dict[str, Any]] = {"autocommit": True, "prepare_threshold": None}
"""Settings of the connections that the client opens: fit for transaction-mode poolers."""


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
