"""What commands select from public views: for each, its SQL and its row. Written as _commands.py is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pgunwind._commands import Command, _nothing, _rows
from pgunwind.results import OnConflict, RunRow


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


Sort = Literal["newest", "oldest", "updated", "tries", "workflow", "business-key"]

RUNS: Final = """
select
    id, workflow, business_key, status, created_at, updated_at, completed_at, last_error, retry_count,
    claimed_by, claimed_at, lease_expires_at, metadata, started_by, held_at
from unwind.workflow_runs
where (%(workflow)s::pg_catalog.text is null or workflow operator(pg_catalog.=) %(workflow)s::pg_catalog.text)
    and (
        %(business_key)s::pg_catalog.text is null
        or business_key operator(pg_catalog.=) %(business_key)s::pg_catalog.text
    )
    and (%(status)s::pg_catalog.text is null or status operator(pg_catalog.=) %(status)s::pg_catalog.text)
    and (
        %(since)s::pg_catalog.timestamptz is null
        or created_at operator(pg_catalog.>=) %(since)s::pg_catalog.timestamptz
    )
    and (
        %(until)s::pg_catalog.timestamptz is null
        or created_at operator(pg_catalog.<) %(until)s::pg_catalog.timestamptz
    )
order by
    case when %(sort)s::pg_catalog.text operator(pg_catalog.=) 'oldest' then created_at end,
    case when %(sort)s::pg_catalog.text operator(pg_catalog.=) 'updated' then updated_at end desc,
    case when %(sort)s::pg_catalog.text operator(pg_catalog.=) 'tries' then retry_count end desc,
    case when %(sort)s::pg_catalog.text operator(pg_catalog.=) 'workflow' then workflow end,
    case when %(sort)s::pg_catalog.text operator(pg_catalog.=) 'business-key' then business_key end,
    created_at desc, id desc
limit %(max_runs)s::pg_catalog.int8 offset %(passed_by)s::pg_catalog.int8"""
"""As unwind.find_runs, in any order and from any place on. What is not asked for the planner leaves out."""


def runs(
    workflow: str | None,
    business_key: str | None,
    status: str | None,
    since: datetime | str | None,
    until: datetime | str | None,
    sort: Sort,
    max_runs: int,
    passed_by: int,
) -> Command[tuple[RunRow, ...]]:
    parameters = {
        "workflow": workflow,
        "business_key": business_key,
        "status": status,
        "since": since,
        "until": until,
        "sort": sort,
        "max_runs": max_runs,
        "passed_by": passed_by,
    }
    return Command(RUNS, parameters, _rows(RunRow))


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
class Change:
    """What a run changed in a row of a captured table (unwind.find_changes)."""

    table_name: str
    row_key: str
    what: Literal["inserted", "updated", "deleted"]
    in_conflict: bool
    """Whether somebody else has changed it since."""
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    of_rows: int
    """How many rows the run changed, this one among them."""


CHANGES: Final = """
select
    c.table_name, c.row_key,
    case when c.before is null then 'inserted' when c.after is null then 'deleted' else 'updated' end,
    c.action operator(pg_catalog.=) 'conflict', c.before, c.after, pg_catalog.count(*) over ()
from unwind.find_changes(run_id => %(run_id)s::pg_catalog.text) as c
order by c.table_name, c.row_key
limit %(max_rows)s::pg_catalog.int8"""


def changes(run_id: str, max_rows: int) -> Command[tuple[Change, ...]]:
    return Command(CHANGES, {"run_id": run_id, "max_rows": max_rows}, _rows(Change))


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


@dataclass(frozen=True, slots=True)
class Merged:
    """What merging would do with the rows of a captured table that are in conflict (unwind.find_changes)."""

    table_name: str
    rows: int
    """Rows of which it would set back the columns that nobody else has changed."""
    conflicts: tuple[str, ...]
    """Rows for which it would be refused all the same: key, columns, whose."""


MERGED: Final = """
select
    m.table_name,
    pg_catalog.count(*) filter (where m.action operator(pg_catalog.<>) 'conflict'),
    coalesce((pg_catalog.array_agg(
        pg_catalog.concat(
            '(', m.row_key, ')',
            case when pg_catalog.cardinality(m.changed_columns) operator(pg_catalog.>) 0 then ': ' end,
            pg_catalog.array_to_string(m.changed_columns, ', ')
        ) order by m.row_key
    ) filter (where m.action operator(pg_catalog.=) 'conflict'))[:20], '{}')
from unwind.find_changes(run_id => %(run_id)s::pg_catalog.text, on_conflict => 'merge') as m
where exists (
    select from unwind.find_uncovered(run_id => %(run_id)s::pg_catalog.text) as u
    where u.action operator(pg_catalog.=) 'conflict'
        and u.table_name operator(pg_catalog.=) m.table_name
        and u.row_key operator(pg_catalog.=) m.row_key
)
group by m.table_name
order by m.table_name"""


def merged(run_id: str) -> Command[tuple[Merged, ...]]:
    return Command(MERGED, {"run_id": run_id}, _rows(Merged))


PROGRESS: Final = """
select coalesce(pg_catalog.sum(rows_done), 0)::pg_catalog.int8, coalesce(
    pg_catalog.sum(greatest(rows_expected, rows_done)), 0)::pg_catalog.int8
from unwind.progress
where run_id operator(pg_catalog.=) %(run_id)s::pg_catalog.text"""


def progress(run_id: str) -> Command[tuple[int, int]]:
    """Rows that an undo in batches has deleted, and of how many."""
    return Command(PROGRESS, {"run_id": run_id}, lambda rows: (rows[0][0], rows[0][1]))


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a step, or the function of a custom step."""

    step: str
    position: int
    table_name: str
    key_columns: tuple[str, ...] | None
    """By which it is recorded; None: it is not, and goes with its parents."""


TABLES: Final = """
select step, step_position, name, key_columns
from unwind_internal.described_tables(workflow => %(workflow)s::pg_catalog.text)
order by step_position, ordinal"""
"""As unwind.describe_workflow asks for them."""


def tables(workflow: str) -> Command[tuple[Table, ...]]:
    return Command(TABLES, {"workflow": workflow}, _rows(Table))


@dataclass(frozen=True, slots=True)
class Link:
    """A link below, or into, a workflow's tables."""

    child: str
    parent: str
    columns: str
    on_delete: str


LINKS: Final = """
select child, parent, columns, on_delete
from unwind_internal.described_links(workflow => %(workflow)s::pg_catalog.text)
order by parent, child, columns"""


def links(workflow: str) -> Command[tuple[Link, ...]]:
    return Command(LINKS, {"workflow": workflow}, _rows(Link))


GRANT_ACCESS: Final = """
select unwind_internal.grant_access(
    role_name => %(role)s::pg_catalog.name,
    access => %(access)s::pg_catalog.text
)"""
"""As sql/dba/grant_access.sql calls it."""


def grant_access(role: str, access: str) -> Command[None]:
    return Command(GRANT_ACCESS, {"role": role, "access": access}, _nothing)
