"""Whatever things are called, the full path works and nothing else is touched."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

Connection = psycopg.Connection[Any]

NAMES = [
    "Order-Line",
    "x; drop table bystanders",
    "x'; drop table bystanders; --",
    "it's",
    'a "quoted" name',
    "line\nbreak",
    "carriage\rreturn",
    "*/ comment -- /*",
    "$unwind$",
    "$$",
    "%I %s %L %",
    "back\\slash",
    "{brace,comma}",
    "select",
    "user",
    "k",
    "t",
    "o",
    "r",
    "s",
    "a1",
    "a1_c1",
    "a1_run",
    "n1",
    "run_id",
    "run_ids",
    "only_steps",
    "v_one",
    "v_rows",
    "gone",
    "c1",
    "k.c1",
    "Größe 表 🙂",
    "x" * 63,
]


def build(conn: Connection, name: str, workflow: str, *more_runs: str) -> None:
    """A parent, a child and a grandchild, of which everything bears the name that can, runs and keys too."""
    conn.execute("create table bystanders (id text)")
    conn.execute("insert into bystanders values ('b')")
    parts = {
        "schema": sql.Identifier(name),
        "parent": sql.Identifier(name, name),
        "child": sql.Identifier(name, ("c" + name)[:55]),
        "grandchild": sql.Identifier(name, ("g" + name)[:55]),
        "id": sql.Identifier(name),
    }
    conn.execute(
        sql.SQL(
            """
            create schema {schema};
            create table {parent} ({id} text primary key, other int default 1);
            create table {child} ("the id" int primary key, {id} text);
            create table {grandchild} (id int primary key, {id} int);
            """
        ).format(**parts)
    )
    tables = {
        key: parts[key].as_string(conn)  # as regclass reads it
        for key in ("parent", "child", "grandchild")
    }
    conn.execute("select unwind.define_workflow(%s, %s)", [workflow, name])
    conn.execute("select unwind.define_step(%s, %s, %s, %s)", [workflow, name, tables["parent"], name])
    link = "select unwind.declare_foreign_key(%s::text::regclass, %s, %s::text::regclass, %s)"
    conn.execute(link, [tables["child"], [name], tables["parent"], [name]])
    conn.execute(link, [tables["grandchild"], [name], tables["child"], ["the id"]])
    for run, key in zip((name, *more_runs), (name, "other"), strict=False):
        conn.execute("select unwind.start_run(%s, %s)", [workflow, run])
        conn.execute("select unwind.record_step(%s, %s, %s)", [run, name, key])
    rows: LiteralString = (
        "insert into {parent} ({id}) values ({key}); insert into {child} values ({n}, {key}); "
    )
    for key, n in ((name, 1), ("other", 2)):
        values = {"key": sql.Literal(key), "n": sql.Literal(n)}
        conn.execute(sql.SQL(rows + "insert into {grandchild} values ({n}, {n})").format(**parts, **values))


def undo(conn: Connection, name: str, workflow: str) -> None:
    """Every call of the rest of the path."""
    for output in ("text", "mermaid", "dot"):
        conn.execute("select unwind.describe_workflow(%s, %s)", [workflow, output])
    checked = conn.execute("select code, fix from unwind.check_workflow(%s)", [workflow]).fetchall()
    assert {code for code, _ in checked} == {"missing_index"}
    for _, fix in checked:
        conn.execute(fix.encode())
    assert conn.execute("select code from unwind.check_workflow(%s)", [workflow]).fetchall() == []
    preview = conn.execute("select table_name, row_count from unwind.preview_run(%s)", [name]).fetchall()
    assert [count for _, count in preview] == [1, 1, 1]
    assert conn.execute("select * from unwind.verify_run(%s)", [name]).rowcount == 3
    receipts = conn.execute(
        "select table_name, rows_deleted from unwind.compensate_run(%s)", [name]
    ).fetchall()
    assert receipts == preview
    assert conn.execute("select * from unwind.verify_run(%s)", [name]).fetchall() == []
    assert conn.execute("select * from unwind.find_orphans(%s)", [workflow]).fetchall() == []
    for table in (*[table for table, _ in receipts], "bystanders"):
        assert conn.execute(f"select count(*) from {table}".encode()).fetchone() == (1,)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_name_whatever_it_says(conn: Connection, name: str) -> None:
    build(conn, name, name)
    undo(conn, name, name)


@pytest.mark.parametrize("name", ["x; drop table bystanders", "line\nbreak", "$unwind$", 'a "quoted" name'])
def test_several_runs_at_once_take_the_other_branch_of_the_same_code(conn: Connection, name: str) -> None:
    build(conn, name, name, "2")
    undone = conn.execute(
        "select run_id, rows_deleted from unwind.compensate_runs(%s)", [[name, "2"]]
    ).fetchall()
    assert sorted(undone) == sorted([(name, 3), ("2", 3)])
    assert conn.execute("select count(*) from bystanders").fetchone() == (1,)


@pytest.mark.parametrize("workflow", ["w" * 52, "w" * 53, "w" * 64, "é" * 100, "🙂" * 300])
def test_a_workflow_name_may_be_longer_than_an_identifier(conn: Connection, workflow: str) -> None:
    build(conn, "plain", workflow)
    undo(conn, "plain", workflow)


def test_long_workflow_names_that_begin_alike_have_functions_of_their_own(conn: Connection) -> None:
    for ending in ("one", "two"):
        conn.execute("select unwind.define_workflow(%s)", ["w" * 100 + ending])
    functions = conn.execute(
        "select oid::regprocedure::text from pg_proc where proname ~ '^compensate_many_w'"
    ).fetchall()
    assert len(functions) == 2
    conn.execute("select unwind.drop_workflow(%s)", ["w" * 100 + "one"])
    kept = conn.execute("select compensation from unwind.workflows").fetchall()
    assert len(kept) == 1
    assert conn.execute("select to_regproc(%s) is not null", kept[0]).fetchone() == (True,)


def test_the_names_of_the_example_in_capitals_and_quotes_keep_their_case(conn: Connection) -> None:
    conn.execute('create table "Order" ("Id" text primary key)')
    conn.execute('create table "order" (id text primary key)')
    conn.execute("select unwind.define_workflow('W'), unwind.define_workflow('w')")
    conn.execute("""select unwind.define_step('W', 'S', '"Order"', 'Id')""")
    conn.execute("select unwind.start_run('W', 'r'), unwind.record_step('r', 'S', '1')")
    conn.execute("insert into \"Order\" values ('1')")
    conn.execute("insert into \"order\" values ('1')")
    receipts = conn.execute("select table_name, rows_deleted from unwind.compensate_run('r')").fetchall()
    assert receipts == [('public."Order"', 1)]
    assert conn.execute('select count(*) from "order"').fetchone() == (1,)
