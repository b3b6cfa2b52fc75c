"""What commands select from public views: for each, its SQL and its row. Written as _commands.py is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from pgunwind._commands import Command, _nothing, _rows
from pgunwind.results import OnConflict


@dataclass(frozen=True, slots=True)
class Defined:
    """A workflow (unwind.workflows)."""

    workflow: str
    description: str | None


WORKFLOWS: Final = "select workflow, description from unwind.workflows order by workflow"


def workflows() -> Command[tuple[Defined, ...]]:
    return Command(WORKFLOWS, {}, _rows(Defined))


@dataclass(frozen=True, slots=True)
class Count:
    """How many runs of a workflow have a status (unwind.workflow_runs)."""

    workflow: str
    status: str
    runs: int
    oldest: datetime


COUNTS: Final = """
select workflow, status, pg_catalog.count(*), pg_catalog.min(created_at)
from unwind.workflow_runs
group by workflow, status
order by workflow, status"""


def counts() -> Command[tuple[Count, ...]]:
    return Command(COUNTS, {}, _rows(Count))


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of a workflow waits for what (unwind.backlog)."""

    workflow: str
    due: int
    pausing: int
    stuck: int
    conflicts: int
    longest_wait: timedelta | None


BACKLOG: Final = """
select workflow, due, pausing, stuck, conflicts, longest_wait
from unwind.backlog
order by workflow"""


def backlog() -> Command[tuple[Waiting, ...]]:
    return Command(BACKLOG, {}, _rows(Waiting))


@dataclass(frozen=True, slots=True)
class Stuck:
    """A run that waits for a person (unwind.stuck_runs)."""

    run_id: str
    workflow: str
    business_key: str | None
    status: str
    reason: str
    last_error: str | None
    tries: int
    age: timedelta
    command: str | None
    held_by: str | None


STUCK: Final = """
select run_id, workflow, business_key, status, reason, last_error, tries, age, command, held_by
from unwind.stuck_runs
order by age desc, run_id"""


def stuck() -> Command[tuple[Stuck, ...]]:
    return Command(STUCK, {}, _rows(Stuck))


@dataclass(frozen=True, slots=True)
class Recorded:
    """A key of a run's ledger (unwind.run_steps)."""

    step: str
    entity_key: tuple[str, ...]
    recorded_at: datetime
    compensated_at: datetime | None
    released_at: datetime | None
    released_by: str | None


LEDGER: Final = """
select step, entity_key, recorded_at, compensated_at, released_at, released_by
from unwind.run_steps
where run_id operator(pg_catalog.=) %(run_id)s::pg_catalog.text
order by recorded_at, step, entity_key
limit %(max_keys)s::pg_catalog.int8"""


def ledger(run_id: str, max_keys: int) -> Command[tuple[Recorded, ...]]:
    return Command(LEDGER, {"run_id": run_id, "max_keys": max_keys}, _rows(Recorded))


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt, with who and when (unwind.compensations)."""

    step: str | None
    table_name: str
    rows_deleted: int
    rows_reverted: int
    rows_reinserted: int
    rows_skipped: int
    compensated_at: datetime
    compensated_by: str
    undo: int
    kind: Literal["undo", "restore"]
    taken_back: bool

    @property
    def rows_restored(self) -> int:
        """Captured rows updated back or put back."""
        return self.rows_reverted + self.rows_reinserted

    @property
    def holds(self) -> bool:
        """Whether it is of an undo that was not taken back."""
        return self.kind == "undo" and not self.taken_back


RECEIPTS: Final = """
select
    step, table_name, rows_deleted, rows_reverted, rows_reinserted, rows_skipped,
    compensated_at, compensated_by, undo, kind, taken_back
from unwind.compensations
where run_id operator(pg_catalog.=) %(run_id)s::pg_catalog.text and kind operator(pg_catalog.<>) 'release'
order by ordinal"""


def receipts(run_id: str) -> Command[tuple[Kept, ...]]:
    return Command(RECEIPTS, {"run_id": run_id}, _rows(Kept))


@dataclass(frozen=True, slots=True)
class Undone:
    """A run that is undone (unwind.undone_runs)."""

    run_id: str
    together: tuple[str, ...]
    blocked_by: str | None


UNDONE: Final = """
select run_id, together, blocked_by
from unwind.undone_runs
where run_id operator(pg_catalog.=) any(%(run_ids)s::pg_catalog.text[])
order by run_id"""


def undone(run_ids: Sequence[str]) -> Command[tuple[Undone, ...]]:
    return Command(UNDONE, {"run_ids": list(run_ids)}, _rows(Undone))


@dataclass(frozen=True, slots=True)
class Back:
    """What taking an undo back would do in a captured table (unwind.find_changes)."""

    table_name: str
    action: Literal["delete", "update", "insert", "conflict"]
    rows: int
    conflicts: tuple[str, ...]
    """Rows of a conflict, the first of them: key, columns, whose."""


BACK: Final = """
select
    c.table_name, c.action, pg_catalog.count(*),
    coalesce((pg_catalog.array_agg(
        pg_catalog.concat(
            '(', c.row_key, ')',
            case when pg_catalog.cardinality(c.changed_columns) operator(pg_catalog.>) 0 then ': ' end,
            pg_catalog.array_to_string(c.changed_columns, ', '),
            ', by run ' operator(pg_catalog.||) c.changed_by
        ) order by c.row_key
    ) filter (where c.action operator(pg_catalog.=) 'conflict'))[:20], '{}')
from unwind.find_changes(
    run_id => %(run_id)s::pg_catalog.text,
    of_undo => true,
    on_conflict => %(on_conflict)s::pg_catalog.text
) as c
group by c.table_name, c.action
order by c.action, c.table_name"""


def back(run_id: str, on_conflict: OnConflict) -> Command[tuple[Back, ...]]:
    return Command(BACK, {"run_id": run_id, "on_conflict": on_conflict}, _rows(Back))


PROGRESS: Final = """
select coalesce(pg_catalog.sum(rows_done), 0)::pg_catalog.int8, coalesce(
    pg_catalog.sum(greatest(rows_expected, rows_done)), 0)::pg_catalog.int8
from unwind.progress
where run_id operator(pg_catalog.=) %(run_id)s::pg_catalog.text"""


def progress(run_id: str) -> Command[tuple[int, int]]:
    """Rows that an undo in batches has deleted, and of how many."""
    return Command(PROGRESS, {"run_id": run_id}, lambda rows: (rows[0][0], rows[0][1]))


GRANT_ACCESS: Final = """
select unwind_internal.grant_access(
    role_name => %(role)s::pg_catalog.name,
    access => %(access)s::pg_catalog.text
)"""
"""As sql/dba/grant_access.sql calls it."""


def grant_access(role: str, access: str) -> Command[None]:
    return Command(GRANT_ACCESS, {"role": role, "access": access}, _nothing)
