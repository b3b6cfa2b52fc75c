"""Every exception and warning of the client, and the one place that makes them out of SQLSTATEs.

The docstring of a class says what it means. The conditions themselves are raised in sql/engine and listed,
with their codes, in docs/errors.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import psycopg

__all__ = [
    "ChangedSince",
    "ClaimLost",
    "CompensationPending",
    "DependentsExist",
    "DuplicateRun",
    "EntityExists",
    "EntityOwnedElsewhere",
    "ImagesMissing",
    "InvalidDefinition",
    "LateHeartbeat",
    "LaterStepLive",
    "NotDefined",
    "NothingRecorded",
    "OtherRunEntered",
    "RevertRefused",
    "RunClaimed",
    "RunCompleted",
    "RunNotFound",
    "RunNotRunning",
    "RunRequired",
    "SchemaTooOld",
    "TooManyRows",
    "TransactionMismatch",
    "UnsupportedIsolation",
    "UnwindError",
    "UnwindWarning",
    "translate",
]


class UnwindError(Exception):
    """Base of all pgunwind errors.

    Attributes: `message` (str), `sqlstate` (str, or None where the client raised it), `detail` and `hint`
    (str or None). An error that came from the database has the psycopg.Error as its `__cause__`.
    """

    sqlstate: ClassVar[str | None] = None

    def __init__(self, message: str, detail: str | None = None, hint: str | None = None) -> None:
        # Exception.__init__ is left out: `args` stay what the caller passed, so errors can be pickled.
        self.message = message
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.message]
        if self.detail:
            lines.append(f"DETAIL:  {self.detail}")
        if self.hint:
            lines.append(f"HINT:  {self.hint}")
        return "\n".join(lines)


class RunNotFound(UnwindError):
    """There is no run with this id."""

    sqlstate = "UW001"


class RunNotRunning(UnwindError):
    """A step, a completion or a failure was reported for a run that has ended or is being undone."""

    sqlstate = "UW002"


class ClaimLost(UnwindError):
    """The run is claimed by another worker than the one speaking."""

    sqlstate = "UW003"


class EntityOwnedElsewhere(UnwindError):
    """Another run, not COMPENSATED, owns this entity key."""

    sqlstate = "UW004"


class RunCompleted(UnwindError):
    """The run is COMPLETED; undoing it needs force."""

    sqlstate = "UW005"


class RunClaimed(UnwindError):
    """Another worker's claim on the run is live; undoing it needs force."""

    sqlstate = "UW006"


class DependentsExist(UnwindError):
    """Rows outside the run still refer to rows that would be deleted. Nothing was deleted."""

    sqlstate = "UW007"


class NotDefined(UnwindError):
    """There is no workflow, or no step of it, with this name."""

    sqlstate = "UW008"


class InvalidDefinition(UnwindError):
    """A definition cannot work: no such column, types that cannot compare, wrong arity, bad action."""

    sqlstate = "UW009"


class UnsupportedIsolation(UnwindError):
    """The transaction is REPEATABLE READ or SERIALIZABLE: its snapshot could miss rows of the run."""

    sqlstate = "UW010"


class ChangedSince(UnwindError):
    """A captured row was changed by someone else since."""

    sqlstate = "UW011"


class LaterStepLive(UnwindError):
    """A later step of the run is still live; steps are undone last first."""

    sqlstate = "UW012"


class DuplicateRun(UnwindError):
    """A run with this id exists already; run ids are never used again."""

    sqlstate = "UW013"


class RevertRefused(UnwindError):
    """A trigger, a constraint or a missing parent keeps a captured row from coming back as it was."""

    sqlstate = "UW014"


class RunRequired(UnwindError):
    """A role that is bound wrote to a captured table outside a run."""

    sqlstate = "UW015"


class OtherRunEntered(UnwindError):
    """The transaction is another run's already."""

    sqlstate = "UW016"


class EntityExists(UnwindError):
    """The row of this key was there before; undoing the run would delete it."""

    sqlstate = "UW017"


class ImagesMissing(UnwindError):
    """Images of rows that the run changed were dropped: it can no longer be undone as a whole."""

    sqlstate = "UW018"


class TooManyRows(UnwindError):
    """The undo would take more rows than max_rows allows. Nothing was deleted."""

    sqlstate = "UW019"


class UndoRefused(UnwindError):
    """A trigger, a constraint or a publication of yours refuses a deletion. Nothing was deleted."""

    sqlstate = "UW020"


class SchemaTooOld(UnwindError):
    """The database has no pgunwind schema, or one older than this client needs."""


class TransactionMismatch(UnwindError):
    """A connection is inside a transaction where the call needs its own, or outside where it needs yours."""


class CompensationPending(UnwindError):
    """A run failed and could not be undone yet: its rows are still there.

    Or its end was broken off by a further signal or cancellation, and it is not known how far it came; the
    message says which. If it is not undone, recover_runs will do it.

    Attributes: `run_id` (str); `causes` (tuple of exceptions: why each try to compensate failed, in order);
    `cause`, the last of them; `unknown` ('undone' or 'completed': what it may be all the same; else None).
    `__cause__` is the exception that made the run fail.
    """

    def __init__(self, run_id: str, causes: Sequence[BaseException], unknown: str | None = None) -> None:
        self.run_id = run_id
        self.causes = tuple(causes)
        self.unknown = unknown
        undo = f"select * from unwind.compensate_run(run_id => {_literal(run_id)});"
        if unknown is None:
            super().__init__(
                f"run {run_id!r} failed and is not undone: {describe(self.cause)}",
                f"Tries to compensate it: {len(self.causes)}. Its rows are still there.",
                f"When the cause is gone: {undo}",
            )
            return
        super().__init__(
            f"whether run {run_id!r} is {unknown} is not known: {describe(self.cause)}",
            "The call was broken off before the server had answered: it has taken effect as a whole, or not "
            "at all. What is not undone then, recover_runs will undo.",
            f"To see: select status from unwind.workflow_runs where id = {_literal(run_id)}; to undo: {undo}",
        )

    @property
    def cause(self) -> BaseException:
        """Why the last try to compensate the run failed."""
        return self.causes[-1]


class UnwindWarning(UserWarning):
    """Base of all pgunwind warnings."""


class LateHeartbeat(UnwindWarning):
    """A run's claim is not being renewed: less than a third of its lease is left, then it may be undone."""


class NothingRecorded(UnwindWarning):
    """A run has completed without having recorded anything: had it failed, nothing would have been undone."""


_BY_SQLSTATE: Final[dict[str, type[UnwindError]]] = {
    error.sqlstate: error for error in UnwindError.__subclasses__() if error.sqlstate is not None
}


def own_error(error: Any) -> UnwindError | None:
    """The exception for an error of a driver with a SQLSTATE of class UW; None for others.

    Drivers tell what the server has said in diag; asyncpg, as SQLAlchemy uses it, as attributes of the cause.
    """
    sqlstate = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    if sqlstate not in _BY_SQLSTATE:
        return None
    told = getattr(error, "diag", None)
    if told is None:
        told = error.__cause__
        said = str(told), told.detail, told.hint
    else:
        said = told.message_primary or str(error), told.message_detail, told.message_hint
    return _BY_SQLSTATE[sqlstate](*said)


def raise_own(error: BaseException | None) -> None:
    """Raise a psycopg.Error with a SQLSTATE of class UW as its own exception; let all others be."""
    if isinstance(error, psycopg.Error) and (own := own_error(error)) is not None:
        raise own from error


class _Translating:
    """A context manager by hand: every step passes through it."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        raise_own(error)


_TRANSLATING: Final = _Translating()


def translate() -> _Translating:
    """Turn a psycopg.Error with a SQLSTATE of class UW into its own exception; let all others pass.

    Does no I/O, so it serves synchronous and asynchronous code alike.
    """
    return _TRANSLATING


class Failed(Exception):
    """What run.fail() was told, where an exception would be. It never leaves the run's block."""


def describe(error: BaseException) -> str:
    """The exception in one text: its class and its message, as last_error keeps it."""
    text = str(error).replace("\x00", "")  # text in PostgreSQL holds no NUL
    if isinstance(error, Failed):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
