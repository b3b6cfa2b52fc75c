"""A step with other needs is undone by the user's own function."""

from __future__ import annotations

from typing import Any

import pytest

FUNCTION = """
create table files (path text, order_id text);
create function remove_files(run_ids text[])
returns table (run_id text, table_name text, rows_deleted bigint)
language sql as $$
    with keys as (
        select s.run_id, s.entity_key[1] as path
        from unwind.run_steps as s
        where s.run_id = any(run_ids) and s.step = 'upload' and s.compensated_at is null
    ),
    gone as (delete from files as f using keys as k where f.path = k.path returning k.run_id)
    select g.run_id, 'files', count(*) from gone as g group by g.run_id
$$;
select unwind.define_custom_step('w', 'upload', 'remove_files(text[])');
"""


@pytest.fixture
def uploads(db: Any) -> Any:
    """Two runs with an upload each."""
    db.conn.execute(FUNCTION)
    for run in ("a", "b"):
        db.run(run)
        db("select unwind.record_step(%s, 'upload', %s)", run, f"/{run}")
        db.conn.execute("insert into files values (%s), (%s)", [f"/{run}", f"/{run}"])
    return db


@pytest.mark.parametrize("call", ["compensate_run('a')", "compensate_runs(array['a'])"])
def test_its_function_is_called_in_its_turn_and_its_receipts_are_kept(uploads: Any, call: str) -> None:
    uploads(f"select * from unwind.{call}")
    assert uploads("select run_id, ordinal, step, table_name, rows_deleted from unwind.compensations") == [
        ("a", 1, "upload", "files", 2),
        ("a", 2, "parcel", "public.parcels", 1),
        ("a", 3, "order", "public.lines", 2),
        ("a", 4, "order", "public.orders", 1),
    ]
    assert uploads("select distinct path from files") == [("/b",)]
    assert uploads.value(
        "select bool_and(compensated_at is not null) from unwind.run_steps where run_id = 'a'"
    )


def test_it_is_called_once_for_many_runs(uploads: Any) -> None:
    uploads("select * from unwind.compensate_runs(array['a', 'b'])")
    assert uploads(
        "select run_id, rows_deleted from unwind.compensations where step = 'upload' order by 1"
    ) == [
        ("a", 2),
        ("b", 2),
    ]


def test_it_is_not_called_for_runs_that_did_not_record_it(db: Any) -> None:
    db.conn.execute(FUNCTION)
    db.conn.execute("""
        create or replace function remove_files(run_ids text[])
        returns table (run_id text, table_name text, rows_deleted bigint) language plpgsql as $$
        begin
            raise 'called for %', run_ids;
        end
        $$
    """)
    db.run("r")
    db("select * from unwind.compensate_run('r')")
    assert db.rows_left() == 0


def test_it_can_be_undone_alone(uploads: Any) -> None:
    assert uploads("select step, table_name, rows_deleted from unwind.compensate_step('a', 'upload')") == [
        ("upload", "files", 2)
    ]
    assert uploads("select * from unwind.compensate_step('a', 'upload')") == []


def test_the_preview_shows_its_call_without_a_count(uploads: Any) -> None:
    line = uploads("select step, table_name, row_count, statement from unwind.preview_run('a')")[0]
    assert line[:3] == ("upload", None, None)
    assert "remove_files" in line[3]


@pytest.mark.parametrize("call", ["compensate_run('a')", "compensate_runs(array['b', 'a'])"])
def test_its_error_is_the_callers_and_keeps_everything(uploads: Any, call: str) -> None:
    uploads.conn.execute("""
        create or replace function remove_files(run_ids text[])
        returns table (run_id text, table_name text, rows_deleted bigint) language plpgsql as $$
        begin
            delete from files;
            raise 'the bucket is down' using errcode = 'P0042';
        end
        $$
    """)
    before = uploads("select * from unwind.run_steps order by 1, 2")
    error = uploads.refused(f"select * from unwind.{call}")
    assert error.sqlstate == "P0042"
    assert uploads.value("select count(*) from files") == 4
    assert uploads.rows_left() == 8
    assert uploads("select * from unwind.run_steps order by 1, 2") == before


def test_a_function_in_another_schema_is_found_whatever_the_search_path(uploads: Any) -> None:
    uploads.conn.execute("create schema tools; alter function remove_files(text[]) set schema tools")
    uploads.conn.execute("alter function tools.remove_files(text[]) set search_path = public")
    uploads("select unwind.define_custom_step('w', 'upload', 'tools.remove_files(text[])')")
    uploads.conn.execute("set search_path = pg_catalog")
    assert uploads("select run_id, rows_deleted from unwind.compensate_runs(array['a'])") == [("a", 6)]


@pytest.mark.parametrize(
    "undo",
    [
        "select * from unwind.compensate_run('a')",
        "select * from unwind.compensate_runs(array['a', 'b'])",
        "call unwind.compensate_run_in_batches('a', 1)",
    ],
)
def test_undone_alone_it_is_not_called_again(uploads: Any, undo: str) -> None:
    uploads.conn.execute("""
        create table calls (run_id text);
        create or replace function remove_files(run_ids text[])
        returns table (run_id text, table_name text, rows_deleted bigint) language sql as $$
            insert into calls select r from unnest(run_ids) as r;
            select r, 'files', 1::bigint from unnest(run_ids) as r
        $$
    """)
    uploads("select * from unwind.compensate_step('a', 'upload')")
    uploads.conn.execute(undo)
    assert uploads.value("select count(*) from calls where run_id = 'a'") == 1


BACK_OVER_IT = """
create table invoices (id text primary key);
create table bills (id text primary key, invoice_id text references invoices);
create index on bills (invoice_id);
create table calls (run_id text);
create function call_off(run_ids text[])
returns table (run_id text, table_name text, rows_deleted bigint) language sql as $$
    insert into calls select r from unnest(run_ids) as r;
    select r, 'calls', 1::bigint from unnest(run_ids) as r
$$;
select unwind.define_workflow('around'), unwind.define_step('around', 'bill', 'bills', 'id');
select unwind.define_custom_step('around', 'mail', 'call_off(text[])');
select unwind.define_step('around', 'invoice', 'invoices', 'id');
select unwind.start_run('around', 'r');
"""


def test_between_steps_of_which_the_earlier_refers_to_the_later_it_is_recorded_and_called(db: Any) -> None:
    db.conn.execute(BACK_OVER_IT)
    for step in ("bill", "mail", "invoice"):
        db("select unwind.record_step('r', %s, 'k')", step)
    db.conn.execute("insert into invoices values ('k'); insert into bills values ('k')")
    db("select * from unwind.compensate_run('r')")
    assert db("select step from unwind.compensations order by ordinal") == [
        ("invoice",),
        ("mail",),
        ("bill",),
    ]
    assert db("select run_id from calls") == [("r",)]
