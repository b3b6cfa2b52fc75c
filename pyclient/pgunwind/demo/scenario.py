"""The scenario: A completes, B fails at QC, C fails at delivery, D's process is killed in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from pgunwind import Receipt, Unwind
from pgunwind.demo.evidence import Snapshot, snapshot
from pgunwind.examples.client_to_delivery import WORKFLOW, ClientToDelivery, Result

Tell = Callable[[str], None]

PREVIEW: LiteralString = "select step, table_name, row_count from unwind.preview_run({run_id})"
COMPENSATE: LiteralString = (
    "select ordinal, step, table_name, rows_deleted from unwind.compensate_run({run_id}, force => true)"
)
VERIFY: LiteralString = "select * from unwind.verify_run({run_id})"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One run: what happened to it, and what the database says of it when all is over."""

    label: str
    happened: str
    run_id: str
    expected: str
    status: str
    error: str | None
    receipts: tuple[Receipt, ...]
    rows_left: int | None
    """Rows that unwind.verify_run finds, for a run that was to be undone."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A statement typed into psql, and what came back."""

    statement: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class Story:
    """All that was seen of the four runs."""

    chapters: tuple[Chapter, ...]
    typed: tuple[Typed, ...]
    killed: bool
    """Whether D's process was still at work when it was killed."""
    before: Snapshot
    """After A, before B, C and D: every row in it is A's."""
    after: Snapshot
    orphans: int
    repeated: tuple[Receipt, ...]
    """What compensating D once more returned."""


def play(dsn: str, conn: psycopg.Connection[Any], tell: Tell) -> Story:
    """Plays all four runs. It asserts nothing: see checks.py."""
    unwind = Unwind(dsn)
    application = ClientToDelivery(unwind)

    tell("A  runs through all five steps")
    a = application.execute()
    before = snapshot(conn)
    tell("B  stores its QC result, then fails on it: an exception undoes the run")
    b = application.execute(force_qc_fail=True)
    tell("C  passes QC and fails at delivery: undone likewise")
    c = application.execute(force_delivery_fail=True)
    tell("D  two steps are committed, the third has written rows: its process is killed")
    d, killed = _kill_in_mid_step(dsn)
    tell("   nobody knows what it wrote; its run id is enough, and force: its claim lives")
    typed = tuple(_type(conn, statement, d) for statement in (PREVIEW, COMPENSATE, VERIFY))
    repeated = tuple(unwind.compensate_run(d))

    return Story(
        chapters=(
            _chapter(unwind, conn, "A", "ran through", a.run_id, "COMPLETED"),
            _chapter(unwind, conn, "B", "failed at QC", b.run_id, "COMPENSATED", b),
            _chapter(unwind, conn, "C", "failed at delivery", c.run_id, "COMPENSATED", c),
            _chapter(unwind, conn, "D", "killed in mid-step", d, "COMPENSATED"),
        ),
        typed=typed,
        killed=killed,
        before=before,
        after=snapshot(conn),
        orphans=sum(found.orphans for found in unwind.find_orphans(WORKFLOW)),
        repeated=repeated,
    )


def _kill_in_mid_step(dsn: str) -> tuple[str, bool]:
    """Returns D's run id, and whether its process was at work until then, once that process is gone."""
    with subprocess.Popen(
        [sys.executable, "-m", "pgunwind.demo.victim"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the demo
    ) as victim:
        assert victim.stdin is not None and victim.stdout is not None
        try:
            victim.stdin.write(json.dumps({"dsn": dsn}) + "\n")
            victim.stdin.flush()
            report = victim.stdout.readline()
            at_work = victim.poll() is None
        finally:
            victim.kill()
            victim.wait()
    if not report:
        raise RuntimeError(f"the process of run D ended by itself, with exit status {victim.returncode}")
    return json.loads(report)["run_id"], at_work


def _type(conn: psycopg.Connection[Any], statement: LiteralString, run_id: str) -> Typed:
    typed = sql.SQL(statement).format(run_id=sql.Literal(run_id))
    cursor = conn.execute(typed)
    columns = tuple(column.name for column in cursor.description or ())
    return Typed(typed.as_string(conn), columns, tuple(cursor.fetchall()))


def _chapter(
    unwind: Unwind,
    conn: psycopg.Connection[Any],
    label: str,
    happened: str,
    run_id: str,
    expected: str,
    result: Result | None = None,
) -> Chapter:
    status, error = conn.execute(
        "select status, last_error from unwind.workflow_runs where id = %s", [run_id]
    ).fetchone() or ("missing", None)
    receipts = conn.execute(
        "select ordinal, step, table_name, rows_deleted"
        " from unwind.compensations where run_id = %s order by ordinal",
        [run_id],
    ).fetchall()
    undone = expected == "COMPENSATED"
    return Chapter(
        label=label,
        happened=happened,
        run_id=run_id,
        expected=expected,
        status=status,
        error=error if result is None else result.error,
        receipts=tuple(Receipt(*receipt) for receipt in receipts),
        rows_left=sum(left.rows_left for left in unwind.verify_run(run_id)) if undone else None,
    )
