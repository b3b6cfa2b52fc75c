"""Runs that write to captured tables, of which only images know what they did."""

from __future__ import annotations

from typing import Any, Final

import psycopg

from . import background
from .background import TABLES_OF_THE_APPLICATION as SCHEMA

WORKFLOW: Final = "captured"
_CHANGES: Final = """
update production_bundle_assets set url = url || '?'
where bundle_id in (
    select b.bundle_id from production_bundles as b where b.draft_id = 'd' || (select g from runs)
);
delete from qc_issues where result_id = 'q' || (select g from runs);
insert into qc_issues (id, result_id, severity, section, reason)
select g * 10 + k, 'q' || g, 'high', 'introduction', 'tone' from runs, generate_series(4, 9) as k;
delete from delivery_artifacts where package_id = 'p' || (select g from runs);
insert into delivery_artifacts (package_id, name, url, format, position)
select 'p' || g, 'other', 'https://example.org/' || g, 'pdf', k from runs, generate_series(5, 7) as k;
"""
"""6 rows updated, 7 deleted and 9 inserted, in three tables."""


def insert(conn: psycopg.Connection[Any], numbers: range) -> None:
    """Have runs insert the rows that others record."""
    _write(conn, numbers, background.ROWS)


def change(conn: psycopg.Connection[Any], numbers: range) -> None:
    """Have runs change rows that were there before."""
    _write(conn, numbers, _CHANGES)


def _write(conn: psycopg.Connection[Any], numbers: range, statements: str) -> None:
    for number in numbers:
        with conn.transaction():
            _enter(conn, "client_to_delivery", f"r{number}")
            background.write(conn, SCHEMA, range(number, number + 1), statements)


def write_many(conn: psycopg.Connection[Any], table: str, rows: int, run: str | None, is_mixed: bool) -> Any:
    """Have a run write so many rows; return what was there before it."""
    third = rows // 3 if is_mixed else 0
    columns = "g, 'name ' || g, g, repeat('note ', 8)"
    conn.execute(f"insert into {table} select {columns} from generate_series(1, {2 * third}) as g")
    before = contents(conn, table)
    with conn.transaction():
        if run is not None:
            _enter(conn, WORKFLOW, run)
        conn.execute(f"update {table} set amount = -amount where id <= {third}")
        conn.execute(f"delete from {table} where id > {third}")
        conn.execute(
            f"insert into {table} select {columns} from generate_series({2 * third + 1}, {rows}) as g"
        )
    return before


def contents(conn: psycopg.Connection[Any], *tables: str) -> Any:
    """Return a digest of all that is in some tables."""
    digests = ", ".join(
        f"(select md5(string_agg(t::text, '' order by t::text)) from {name} as t)" for name in tables
    )
    return conn.execute(f"select {digests}").fetchone()


def _enter(conn: psycopg.Connection[Any], workflow: str, run: str) -> None:
    conn.execute("select unwind.start_run(%s, %s)", [workflow, run])
    conn.execute("select unwind.enter_run(%s)", [run])
