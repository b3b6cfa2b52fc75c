"""Only tables of the application can be undone: not the engine's, not PostgreSQL's, not a session's own."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]

TABLES = {
    "unwind.workflow_runs": "id",
    "unwind_internal.ledger": "run_id",
    "unwind.audit_log": "run_id",
    "pg_catalog.pg_class": "relname",
    "pg_authid": "rolname",
    "information_schema.sql_features": "feature_id",
    "mine": "id",
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("call", ["root", "child", "parent", "suggest"])
def test_another_table_is_refused(conn: Connection, table: str, call: str) -> None:
    conn.execute("create temp table mine (id text); create table orders (id text primary key)")
    conn.execute("select unwind.define_workflow('w'), unwind.define_step('w', 's', 'orders', 'id')")
    column = TABLES[table]
    link = "select unwind.declare_foreign_key(%s, array[%s], %s, array[%s])"
    with pytest.raises(psycopg.Error, match="cannot be undone") as refused:
        match call:
            case "root":
                conn.execute("select unwind.define_step('w', 't', %s, %s)", [table, column])
            case "child":
                conn.execute(link, [table, column, "orders", "id"])
            case "parent":
                conn.execute(link, ["orders", "id", table, column])
            case _:
                conn.execute("select unwind.suggest_workflow(%s, %s)", [table, column])
    assert refused.value.sqlstate == "UW009"
    assert refused.value.diag.message_detail and refused.value.diag.message_hint


def test_a_toast_table_is_refused(conn: Connection) -> None:
    conn.execute("create table orders (id text primary key); select unwind.define_workflow('w')")
    with pytest.raises(psycopg.Error) as refused:
        conn.execute(
            "select unwind.define_step('w', 's', reltoastrelid, 'chunk_id')"
            " from pg_class where relname = 'orders'"
        )
    assert refused.value.sqlstate == "UW009"
