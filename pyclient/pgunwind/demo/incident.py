"""The incident: many runs fail, nobody undoes them, and an operator does it by one command."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click
import psycopg
from psycopg import sql

from pgunwind import Unwind, cli
from pgunwind.demo.evidence import Snapshot, snapshot
from pgunwind.examples.client_to_delivery import SCHEMA, TABLES, WORKFLOW
from pgunwind.examples.client_to_delivery.rows import Ids, Rows

RUNS = 200
COMMAND = ("undo", "--workflow", WORKFLOW, "--since", "1h", "--yes")
"""What the operator types."""


@dataclass(frozen=True, slots=True)
class Incident:
    """What was before it, in it, while one undo was taken back, and after it."""

    run_ids: tuple[str, ...]
    before: Snapshot
    during: Snapshot
    taken_back: Snapshot
    after: Snapshot
    statuses: dict[str, int]
    """How many of its runs are in which status."""


def break_out(conn: psycopg.Connection[Any], runs: int = RUNS) -> tuple[str, ...]:
    """Let so many runs fail in their fourth step, and leave what the others wrote; return their ids."""
    unwind = Unwind(conn)
    return tuple(_fail(unwind, conn) for _ in range(runs))


def capture(conn: psycopg.Connection[Any]) -> None:
    """Put the workflow's tables under capture, so that undos can be taken back."""
    names = sql.SQL(", ").join(sql.Literal(f"{SCHEMA}.{table}") for table in TABLES)
    conn.execute(sql.SQL("select unwind.capture_table({})").format(names))


def told(dsn: str, command: Sequence[str]) -> str:
    """Type a command with --json; what became of its run, in a line."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        type_in(dsn, command)
    if not said.getvalue().startswith("["):  # why it was refused
        return said.getvalue().strip()
    (one,) = json.loads(said.getvalue())
    deleted = sum(receipt["rows_deleted"] for receipt in one["receipts"])
    back = sum(receipt["rows_reinserted"] for receipt in one["receipts"])
    what = f"{back} rows are back" if back else f"{deleted} rows are gone"
    return f"{what}, the run is {one['run']['status']}"


def type_in(dsn: str, command: Sequence[str] = COMMAND) -> None:
    """Type a command, as an operator would; what it says of how far it is goes where all else goes."""
    with contextlib.redirect_stderr(sys.stdout):
        try:
            cli.main([*command, "--dsn", dsn], prog_name="pgunwind", standalone_mode=False)
        except click.Abort as interruption:
            raise KeyboardInterrupt from interruption
        except click.ClickException as failure:
            if failure.exit_code == cli.Exit.INTERRUPTED:
                raise KeyboardInterrupt from failure
            failure.show()
        except SystemExit:
            pass  # it has said what it could not undo; the checks will, too


def look_back(
    conn: psycopg.Connection[Any],
    run_ids: tuple[str, ...],
    before: Snapshot,
    during: Snapshot,
    taken_back: Snapshot,
) -> Incident:
    """See what became of these runs, and of the tables."""
    statuses = conn.execute(
        "select status, count(*) from unwind.workflow_runs where id = any(%s) group by status",
        [list(run_ids)],
    )
    return Incident(run_ids, before, during, taken_back, snapshot(conn), dict(statuses.fetchall()))


def _fail(unwind: Unwind, conn: psycopg.Connection[Any]) -> str:
    """One run whose application says that it failed, and does no more."""
    ids, rows = Ids.new(), Rows(conn)
    run_id = unwind.start_run(WORKFLOW, business_key=ids.brief)
    with conn.transaction():
        for step, key in (("brief", ids.brief), ("strategy", ids.strategy), ("draft", ids.draft)):
            unwind.record_step(run_id, step, key, connection=conn)
        rows.brief(ids, "client-2")
        rows.strategy(ids)
        rows.draft(ids)
    unwind.fail_run(run_id, "the checker is down: draft was not looked at")
    return run_id
