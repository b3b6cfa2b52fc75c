"""All ways to undo a run, as one list: what is right for one of them is right for all.

    @pytest.mark.parametrize("way", ways.ALL, ids=str)
    def test_something(conn, dsn, pg_bin, way):
        ...
        way(ways.Target(dsn, pg_bin), ["r1", "r2"])

The runs are RUNNING, and each has recorded what it has to. A way that is refused raises Refused; a way that
takes runs one by one then leaves those before it undone.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from pgunwind import CompensationPending, Unwind
from pgunwind.errors import UnwindError

SCRIPTS = Path(__file__).parents[1] / "sql" / "dba"


@dataclass(frozen=True)
class Target:
    """Where the runs are, and where psql is."""

    dsn: str
    pg_bin: Path


class Refused(Exception):
    """The undo was refused: with which SQLSTATE, and everything that was said."""

    def __init__(self, sqlstate: str | None, said: str) -> None:
        self.sqlstate = sqlstate
        super().__init__(f"[{sqlstate}] {said}")


@dataclass(frozen=True)
class Way:
    """One way: called, it undoes the runs."""

    name: str
    undo: Callable[[Target, list[str]], None]

    def __call__(self, target: Target, runs: Iterable[str]) -> None:
        """Undo the runs."""
        self.undo(target, list(runs))

    def __str__(self) -> str:
        return self.name


@contextmanager
def undone(conn: psycopg.Connection[Any], undo: str) -> Iterator[None]:
    """What this statement leaves, to be looked at, and then the run as it was before: for the next one.

    A procedure commits by itself, so after a CALL the run stays undone: that one comes last.
    """
    if undo.startswith("call"):
        conn.execute(undo.encode())
        yield
        return
    with conn.transaction(force_rollback=True):
        conn.execute(undo.encode())
        conn.execute("set constraints all immediate")  # as a commit would
        yield


def call(target: Target, query: str, *values: Any) -> list[Any]:
    """What a query returns, on a connection of its own."""
    with psycopg.connect(target.dsn, autocommit=True) as conn:
        try:
            cursor = conn.execute(query.encode(), values or None)
        except psycopg.Error as error:
            said = error.diag
            raise Refused(
                error.sqlstate,
                "\n".join(filter(None, (said.message_primary, said.message_detail, said.message_hint))),
            ) from error
        return cursor.fetchall() if cursor.description else []


def compensate_run(target: Target, runs: list[str]) -> None:
    """One by one."""
    for run in runs:
        call(target, "select * from unwind.compensate_run(%s)", run)


def compensate_runs(target: Target, runs: list[str]) -> None:
    """All in one call."""
    call(target, "select * from unwind.compensate_runs(%s)", runs)


def compensate_step(target: Target, runs: list[str]) -> None:
    """Step by step, last first; at the end there is nothing left for compensate_run but the status."""
    for run in runs:
        for (step,) in call(
            target,
            "select s.step from unwind.workflow_steps as s"
            " inner join unwind.workflow_runs as r on r.workflow = s.workflow"
            " where r.id = %s and exists"
            " (select from unwind.run_steps as l where l.run_id = r.id and l.step = s.step)"
            " order by s.position desc",
            run,
        ):
            call(target, "select * from unwind.compensate_step(%s, %s)", run, step)
    compensate_run(target, runs)


def rewind_run(target: Target, runs: list[str]) -> None:
    """All steps but the workflow's first by one call, and then that."""
    for run in runs:
        call(
            target,
            "select u.* from unwind.workflow_runs as r"
            " inner join unwind.workflow_steps as s on s.workflow = r.workflow and s.position = 1"
            " cross join lateral unwind.rewind_run(r.id, s.step) as u where r.id = %s",
            run,
        )
    compensate_run(target, runs)


def in_batches(target: Target, runs: list[str]) -> None:
    """In batches of two rows."""
    for run in runs:
        call(target, "call unwind.compensate_run_in_batches(%s, 2)", run)


def recover_runs(target: Target, runs: list[str]) -> None:
    """Failed, and then swept."""
    for run in runs:
        call(target, "select unwind.fail_run(%s, 'as the test wants')", run)
    call(target, "call unwind.recover_runs()")
    for (error,) in call(
        target,
        "select last_error from unwind.workflow_runs"
        " where id = any(%s) and status <> 'COMPENSATED' order by id",
        runs,
    ):
        found = re.search(r"\[(\w{5})\]", error)
        raise Refused(found and found[1], error)


def undo_run_script(target: Target, runs: list[str]) -> None:
    """By the script for DBAs."""
    for run in runs:
        psql = [target.pg_bin / "psql", "-X", "-q", "-d", target.dsn]
        done = subprocess.run(
            [
                *psql,
                "-v",
                "VERBOSITY=verbose",
                "-v",
                f"run={run}",
                "-v",
                "go=1",
                "-f",
                SCRIPTS / "undo_run.sql",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            found = re.search(r"ERROR:\s+(\w{5}):", done.stderr)
            raise Refused(found and found[1], done.stderr)


def client_run(target: Target, runs: list[str]) -> None:
    """By the client: it starts the run, is given what the run had recorded, and an exception."""
    for run in runs:
        [(workflow, ledger, owners)] = call(
            target,
            "select r.workflow,"
            " (select jsonb_agg(l) from unwind_internal.ledger as l where l.run_id = r.id)::text,"
            " (select jsonb_agg(o) from unwind.entity_owners as o where o.run_id = r.id)::text"
            " from unwind.workflow_runs as r where r.id = %s",
            run,
        )
        call(target, "delete from unwind.workflow_runs where id = %s", run)
        try:
            with suppress(ZeroDivisionError), Unwind(target.dsn).run(workflow, run_id=run):
                for table, rows in (("unwind_internal.ledger", ledger), ("unwind.entity_owners", owners)):
                    call(
                        target,
                        f"insert into {table} select r.*"
                        f" from jsonb_populate_recordset(null::{table}, %s::jsonb) as r",
                        rows or "[]",
                    )
                raise ZeroDivisionError
        except CompensationPending as pending:
            cause = pending.cause
            assert isinstance(cause, UnwindError | psycopg.Error)
            raise Refused(cause.sqlstate, str(cause)) from pending


ALL = tuple(
    Way(function.__name__, function)
    for function in (
        compensate_run,
        compensate_runs,
        compensate_step,
        rewind_run,
        in_batches,
        recover_runs,
        undo_run_script,
        client_run,
    )
)
"""Every way there is."""
