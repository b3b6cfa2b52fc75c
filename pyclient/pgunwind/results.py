"""What the client returns: frozen, typed rows of the SQL functions, and the result of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

__all__ = [
    "Change",
    "Finding",
    "Holder",
    "Leftover",
    "OnConflict",
    "Orphan",
    "PreviewLine",
    "Progress",
    "Receipt",
    "Recovery",
    "RunResult",
    "RunRow",
    "RunStatus",
    "RunTotal",
]

RunStatus = Literal["RUNNING", "COMPLETED", "FAILED", "COMPENSATING", "COMPENSATED"]
"""The status of a run, as unwind.workflow_runs has it."""
OnConflict = Literal["refuse", "skip", "merge"]
"""What an undo does about a captured row that somebody else has changed since."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the database has it (unwind.workflow_runs)."""

    id: str
    workflow: str
    business_key: str | None
    status: RunStatus
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    last_error: str | None
    """Why the run, or its compensation, last failed."""
    retry_count: int
    """Failed tries to compensate it."""
    claimed_by: str | None
    """The worker that holds the claim; None: unclaimed."""
    claimed_at: datetime | None
    lease_expires_at: datetime | None
    """When the claim lapses; the server's time."""
    metadata: dict[str, Any]
    started_by: str | None
    """The role whose run it is."""
    held_at: datetime | None
    """When its undo was taken back: sweeps pass it by; None: they do not."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """How many rows of one table a compensation deleted for one step, or restored (unwind.compensations)."""

    ordinal: int
    """Place in the order of deletion, ascending."""
    step: str | None
    """None: a captured table, whose rows are of no step."""
    table_name: str
    rows_deleted: int
    rows_reverted: int = 0
    """Captured rows updated back."""
    rows_reinserted: int = 0
    """Captured rows put back."""
    rows_skipped: int = 0
    """Captured rows left as they are, for somebody else has changed them since."""


@dataclass(frozen=True, slots=True)
class RunTotal:
    """How many rows unwind.compensate_runs, or restore_runs, deleted and restored for one run."""

    run_id: str
    rows_deleted: int
    rows_reverted: int = 0
    rows_reinserted: int = 0
    rows_skipped: int = 0


@dataclass(frozen=True, slots=True)
class Recovery:
    """What one call of unwind.recover_runs did."""

    recovered: int
    """Runs that it undid."""
    failed: int
    """Runs that it could not undo; unwind.workflow_runs.last_error says why."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far unwind.compensate_run_in_batches is with one table of one step, after a batch."""

    step: str
    table_name: str
    rows_done: int
    rows_expected: int
    """Counted at the start; rows_done can come out higher."""


@dataclass(frozen=True, slots=True)
class DependentRun:
    """A run that has to be undone together with another one (unwind.find_dependent_runs)."""

    run_id: str
    workflow: str | None
    """None for a run that the caller does not see; so is its status."""
    status: RunStatus | None
    reason: str
    """Which of its rows are in the way of which run."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever keeps a run's row locked (unwind.find_holders): a session, or a prepared transaction."""

    pid: int | None
    """The session's server process; None for a prepared transaction."""
    gid: str | None
    """The prepared transaction's identifier; None for a session."""
    login: str | None
    application: str | None
    state: str | None
    """What the session does, as pg_stat_activity has it; None where that may not be seen."""
    since: datetime | None
    """When its transaction began."""


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """What one statement of unwind.compensate_run would do: a DELETE, or the UPDATE of a set null link.

    Or rows of a table that would refuse it: a SELECT of them, with blocked_by.
    """

    ordinal: int
    """Place in the order of deletion, ascending."""
    step: str | None
    """None: a captured table, whose rows are of no step."""
    table_name: str | None
    """None for a custom step: only its function knows."""
    row_count: int | None
    """Rows that would be deleted or updated; None for a custom step."""
    statement: str
    """The SQL that would do it."""
    blocked_by: str | None
    """Rows that would refuse it, by table, key and the run that each is of; None: nothing does."""
    action: Literal["delete", "set null", "call", "refuse", "guard", "update", "insert", "conflict"]
    """What it does. refuse and guard: rows in the way; update, insert and conflict: of captured rows."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row of a captured table that a run changed, and what undoing it would do (unwind.find_changes)."""

    table_name: str
    row_key: str
    """The values of its primary key: id=7."""
    action: Literal["delete", "update", "insert", "conflict"]
    """conflict: somebody else has changed the row since."""
    changed_columns: tuple[str, ...]
    """Where the row would be updated, or was changed since."""
    changed_by: str | None
    """The runs that found what this one left."""
    before: dict[str, Any] | None
    """The row as the run found it; None: it was not there."""
    after: dict[str, Any] | None
    """The row as the run left it."""
    now: dict[str, Any] | None
    """The row as it is."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """Rows of a run that unwind.verify_run still finds in a table."""

    table_name: str
    rows_left: int


@dataclass(frozen=True, slots=True)
class Orphan:
    """Child rows whose parent is not there (unwind.find_orphans), counted for one foreign key."""

    child_table: str
    child_columns: tuple[str, ...]
    parent_table: str
    parent_columns: tuple[str, ...]
    orphans: int
    """Number of child rows without a parent."""
    sample_keys: tuple[str, ...]
    """Some of the keys that have no parent."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that unwind.check_workflow found in a workflow's definition or its tables."""

    severity: str
    code: str
    object: str
    """The table, link or function it is about."""
    message: str
    fix: str | None
    """What to type against it, where one statement does it."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What became of a run, as far as this client knows."""

    run_id: str
    workflow: str
    status: RunStatus
    """The last status that this client saw committed."""
    steps: tuple[str, ...]
    """The steps whose transaction was committed, in the order in which they first were.

    Of transactions that record() was given, once they have ended; whether they were committed, the database
    is asked when the block is left.
    """
    receipts: tuple[Receipt, ...]
    """What was deleted, children first; empty unless the run is COMPENSATED."""
    error: str | None
    """Class and message of the exception that made the run fail."""

    @property
    def rows_deleted(self) -> int:
        """Number of rows deleted over all receipts."""
        return sum(receipt.rows_deleted for receipt in self.receipts)

    @property
    def compensated_steps(self) -> tuple[str, ...]:
        """The steps that have receipts, in the order in which they were undone."""
        return tuple(dict.fromkeys(receipt.step for receipt in self.receipts if receipt.step is not None))
