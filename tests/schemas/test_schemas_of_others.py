"""Schemas that nobody here designed: what suggest_workflow proposes undoes one entity, after a few edits.

Each package makes its own tables, and the rows of two entities, in a process of its own. What the second
entity added is what undoing it has to take away: no more, no less.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]
Rows = dict[str, list[str]]

MOST_EDITS = 5


@dataclass(frozen=True)
class Schema:
    """A package, its root table, how to find the key of an entity, and the suggestions to take in."""

    package: str
    root: str
    key: str
    taken_in: tuple[str, ...]
    tables: int


SCHEMAS = [
    Schema(
        package="optuna",
        root="studies",
        key="select study_id::text from studies where study_name = %s",
        # Their columns may be null, though Optuna never leaves one so.
        taken_in=("trials",),
        tables=10,
    ),
    Schema(
        package="django",
        root="auth_user",
        key="select id::text from auth_user where username = %s",
        taken_in=(),
        tables=4,
    ),
    Schema(
        package="procrastinate",
        root="procrastinate_jobs",
        key="select id::text from procrastinate_jobs where task_name = %s",
        taken_in=("procrastinate_periodic_defers",),
        tables=3,
    ),
]


@pytest.fixture(params=SCHEMAS, ids=[schema.package for schema in SCHEMAS])
def schema(request: pytest.FixtureRequest) -> Schema:
    """One of the schemas, if its package is there."""
    schema: Schema = request.param
    if find_spec(schema.package) is None:
        pytest.skip(f"{schema.package} is not installed: make schemas")
    return schema


@pytest.fixture
def add(dsn: str, schema: Schema) -> Callable[[str], None]:
    """Let the package make an entity, and before the first its tables."""

    def make(name: str) -> None:
        script = Path(__file__).with_name(f"{schema.package}_rows.py")
        command = [sys.executable, "-W", "ignore", str(script), dsn, name]
        outcome = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert outcome.returncode == 0, outcome.stderr

    return make


def everything(conn: Connection) -> Rows:
    """All rows of the package's tables."""
    tables = conn.execute(
        "select format('%I', tablename) from pg_tables where schemaname = 'public'"
    ).fetchall()
    return {
        table: sorted(row for (row,) in conn.execute(f"select t::text from {table} as t".encode()))
        for (table,) in tables
    }


def define(conn: Connection, schema: Schema) -> int:
    """Run what is suggested, with some lines taken in, until there is nothing new; count the edits."""
    edits = 0
    for _ in range(4):
        before = conn.execute("select count(*) from unwind.logical_foreign_keys").fetchone()
        script = []
        for (line,) in conn.execute("select unwind.suggest_workflow(%s::text::regclass)", [schema.root]):
            wanted = any(
                f"-- select unwind.declare_foreign_key('public.{t}'" in line for t in schema.taken_in
            )
            edits += wanted
            script.append(line.removeprefix("-- ") if wanted else line)
        conn.execute("\n".join(script).encode())
        if conn.execute("select count(*) from unwind.logical_foreign_keys").fetchone() == before:
            return edits
    raise AssertionError("there is always something new to suggest")


def test_an_entity_is_undone_with_all_that_its_package_wrote_for_it_and_nothing_else(
    schema: Schema, add: Callable[[str], None], conn: Connection
) -> None:
    add("kept")
    before = everything(conn)
    add("undone")
    added = sum(map(len, everything(conn).values())) - sum(map(len, before.values()))
    assert define(conn, schema) <= MOST_EDITS
    [(key,)] = conn.execute(schema.key.encode(), ["undone"]).fetchall()
    conn.execute("select unwind.start_run(%s, 'r')", [schema.root])
    conn.execute("select unwind.adopt_entity('r', %s, %s)", [schema.root, key])
    preview = conn.execute("select table_name, row_count from unwind.preview_run('r')").fetchall()
    receipts = conn.execute("select table_name, rows_deleted from unwind.compensate_run('r')").fetchall()
    assert receipts == preview
    assert sum(rows for _, rows in receipts) == added
    assert len([table for table, rows in receipts if rows]) == schema.tables
    assert everything(conn) == before
    assert conn.execute("select * from unwind.verify_run('r')").fetchall() == []
    assert conn.execute("select * from unwind.find_orphans()").fetchall() == []


def test_the_suggestion_as_it_is_undoes_all_or_refuses_naming_what_is_in_the_way(
    schema: Schema, add: Callable[[str], None], conn: Connection
) -> None:
    add("kept")
    before = everything(conn)
    add("undone")
    script = conn.execute("select unwind.suggest_workflow(%s::text::regclass)", [schema.root]).fetchall()
    conn.execute("\n".join(line for (line,) in script).encode())
    [(key,)] = conn.execute(schema.key.encode(), ["undone"]).fetchall()
    conn.execute("select unwind.start_run(%s, 'r')", [schema.root])
    conn.execute("select unwind.adopt_entity('r', %s, %s)", [schema.root, key])
    full = everything(conn)
    if schema.taken_in:
        with pytest.raises(psycopg.Error, match=schema.taken_in[0]) as refused:
            conn.execute("select * from unwind.compensate_run('r')")
        assert refused.value.sqlstate == "UW007"
        assert everything(conn) == full
    else:
        conn.execute("select * from unwind.compensate_run('r')")
        assert everything(conn) == before
