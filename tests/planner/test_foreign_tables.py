"""Rows behind postgres_fdw go too, by a statement that the far server carries out."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]
SETUP = """
create extension postgres_fdw;
create server far foreign data wrapper postgres_fdw options (host '{host}', port '{port}', dbname '{dbname}');
create user mapping for current_user server far options (user '{user}', password '{password}');
create schema there;
create table there.notes (id int primary key, order_id text);
create table there.subs (id int primary key, note_id int);
create index on there.notes (order_id);
create foreign table notes (id int, order_id text) server far options (schema_name 'there');
create foreign table subs (id int, note_id int) server far options (schema_name 'there');
create table orders (id text primary key);
select unwind.define_workflow('w'), unwind.define_step('w', 'order', 'orders', 'id');
select unwind.define_step('w', 'note', 'notes', 'id');
select unwind.declare_foreign_key('notes', '{{order_id}}', 'orders', '{{id}}');
select unwind.declare_foreign_key('subs', '{{note_id}}', 'notes', '{{id}}');
insert into orders values ('o1'), ('o2');
insert into there.notes values (1, 'o1'), (2, 'o1'), (3, 'o2'), (4, null);
insert into there.subs values (1, 1), (2, 1), (3, 2), (4, 3), (5, 4);
select unwind.start_run('w', 'r1'), unwind.adopt_entity('r1', 'order', 'o1');
select unwind.start_run('w', 'r2'), unwind.record_step('r2', 'note', '4');
"""


@pytest.fixture
def far(conn: Connection) -> Connection:
    """Orders here; notes and what hangs below them on another server, which is this one."""
    info = conn.info
    conn.execute(
        SETUP.format(
            host=info.host, port=info.port, dbname=info.dbname, user=info.user, password=info.password
        ).encode()
    )
    return conn


@pytest.mark.parametrize(
    "undo",
    [
        "select * from unwind.compensate_run('r1')",
        "select * from unwind.compensate_runs('{r1}')",
        "call unwind.compensate_run_in_batches('r1', 1)",
    ],
)
def test_rows_of_foreign_tables_belong_as_others_do(far: Connection, undo: str) -> None:
    preview = far.execute("select table_name, row_count from unwind.preview_run('r1')").fetchall()
    assert preview == [("public.subs", 3), ("public.notes", 2), ("public.orders", 1)]
    far.execute(undo.encode())
    receipts = far.execute("select table_name, rows_deleted from unwind.compensations where rows_deleted > 0")
    assert receipts.fetchall() == preview
    assert far.execute("select id from there.notes order by 1").fetchall() == [(3,), (4,)]
    assert far.execute("select id from there.subs order by 1").fetchall() == [(4,), (5,)]
    far.execute("select * from unwind.compensate_run('r2')")
    assert far.execute("select id from there.notes").fetchall() == [(3,)]
    assert far.execute("select id from there.subs").fetchall() == [(4,)]


def test_the_far_server_carries_the_statement_out(far: Connection) -> None:
    plans: list[str] = []
    far.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
    far.execute(
        """load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_verbose = on;
        set auto_explain.log_nested_statements = on; set client_min_messages = log;"""
    )
    far.execute("select * from unwind.compensate_run('r1')")
    remote = [line for plan in plans for line in plan.splitlines() if "Remote SQL: DELETE" in line]
    assert any("there.subs" in line and "order_id" in line for line in remote), plans
    assert any("DELETE FROM there.notes" in line and "order_id" in line for line in remote), plans
    assert not any("ctid" in line for line in remote), "a statement per row"


def test_no_index_is_asked_of_a_foreign_table_and_that_its_rows_have_no_versions_is_said(far: Connection) -> None:
    assert far.execute("select severity, code, object from unwind.check_workflow('w')").fetchall() == [
        ("warning", "existence_unchecked", "public.notes")
    ]


def test_a_foreign_row_that_was_there_can_be_recorded_and_is_seen_by_record_if_new(far: Connection) -> None:
    far.execute("select unwind.record_step('r2', 'note', '3')")
    assert far.execute("select unwind.record_if_new('r1', 'note', '2')").fetchone() == (False,)
    assert far.execute("select unwind.record_if_new('r1', 'note', '99')").fetchone() == (True,)


def test_an_undo_that_fails_here_changes_nothing_there(far: Connection) -> None:
    far.execute("create table invoices (order_id text references orders)")
    far.execute("insert into invoices values ('o1')")
    far.execute("select unwind.compile_workflow('w')")
    with pytest.raises(psycopg.Error, match="invoices"):
        far.execute("select * from unwind.compensate_run('r1')")
    assert far.execute("select count(*) from there.subs").fetchone() == (5,)
