"""max_rows: an undo that would take more than its caller expects takes nothing."""

from __future__ import annotations

from typing import Any

import pytest

ROWS_PER_RUN = 4
CUSTOM = """
create table posts (run text, n int);
create function undo_posts(run_ids text[]) returns table (run_id text, table_name text, rows_deleted bigint)
language sql as $$
    with gone as (delete from posts as p where p.run = any(run_ids) returning p.run)
    select g.run, 'posts', count(*) from gone as g group by g.run
$$;
select unwind.define_custom_step('w', 'post', 'undo_posts(text[])');
"""
TRIGGER = """
create function write_line() returns trigger language plpgsql as
$$ begin insert into lines (order_id) values (old.id); return null; end $$;
create trigger write_line after delete on orders for each row execute function write_line();
select unwind.compile_workflow('w');
"""


@pytest.fixture
def runs(db: Any) -> Any:
    """Runs a, b and c of four rows each."""
    for run in ("a", "b", "c"):
        db.run(run)
    return db


def everything(db: Any) -> list[Any]:
    """All rows of all tables."""
    tables = db(
        "select oid::regclass::text from pg_class where relkind = 'r'"
        " and relnamespace::regnamespace::text in ('public', 'unwind', 'unwind_internal') order by 1"
    )
    return [db(f"select t::text from {name} as t order by 1") for (name,) in tables]


def refused(db: Any, call: str) -> Any:
    """The error of a call that is UW019 and has changed nothing."""
    before = everything(db)
    error = db.refused(call)
    assert error.sqlstate == "UW019", error
    assert everything(db) == before
    return error


def test_more_than_max_rows_is_refused_with_a_count_per_table(runs: Any) -> None:
    error = refused(runs, "select * from unwind.compensate_run('a', max_rows => 3)")
    assert error.diag.message_primary == (
        "undoing run 'a' takes more rows than max_rows allows: 4 so far, 3 allowed"
    )
    for count in ("1 of public.parcels", "2 of public.lines", "1 of public.orders"):
        assert count in error.diag.message_detail
    assert "unwind.preview_run('a')" in error.diag.message_hint
    assert "unwind.compensate_run_in_batches('a')" in error.diag.message_hint


def test_it_stops_after_the_step_that_is_too_much(runs: Any) -> None:
    error = refused(runs, "select * from unwind.compensate_run('a', max_rows => 0)")
    assert "1 so far, 0 allowed" in error.diag.message_primary
    assert "orders" not in error.diag.message_detail


@pytest.mark.parametrize(
    ("call", "rows"),
    [
        ("select sum(rows_deleted) from unwind.compensate_run('a', max_rows => {})", ROWS_PER_RUN),
        ("select sum(rows_deleted) from unwind.compensate_runs('{{a,b}}', max_rows => {})", 2 * ROWS_PER_RUN),
        ("select sum(rows_deleted) from unwind.compensate_runs('{{a}}', false, 'refuse', {})", ROWS_PER_RUN),
    ],
)
@pytest.mark.parametrize("prepare", ["", TRIGGER], ids=["plain", "with a trigger"])
def test_exactly_max_rows_are_fine_and_one_less_is_not(runs: Any, call: str, rows: int, prepare: str) -> None:
    runs.conn.execute(prepare.encode())
    rows += rows // ROWS_PER_RUN * bool(prepare)  # what the trigger writes goes too, in a later pass
    refused(runs, call.format(rows - 1))
    assert runs.value(call.format(rows)) == rows
    assert runs.rows_left() == 3 * ROWS_PER_RUN - rows + rows // (ROWS_PER_RUN + 1) * bool(prepare)


def test_receipts_are_the_same_with_and_without_it(runs: Any) -> None:
    with runs.conn.transaction(force_rollback=True):
        expected = runs("select * from unwind.compensate_run('a')")
    assert runs("select * from unwind.compensate_run('a', max_rows => 100)") == expected
    assert runs("select * from unwind.compensations") != []


def test_a_run_that_recorded_nothing_is_undone_with_none_allowed(runs: Any) -> None:
    runs("select unwind.start_run('w', 'empty')")
    assert runs("select * from unwind.compensate_run('empty', max_rows => 0)") == []
    assert runs.value("select status from unwind.workflow_runs where id = 'empty'") == "COMPENSATED"


def test_rows_of_a_custom_step_count(runs: Any) -> None:
    runs.conn.execute(CUSTOM)
    runs("select unwind.record_step('a', 'post', 'x')")
    runs.conn.execute("insert into posts select 'a', n from generate_series(1, 10) as n")
    error = refused(runs, "select * from unwind.compensate_run('a', max_rows => 9)")
    assert "10 of posts" in error.diag.message_detail
    refused(runs, "select * from unwind.compensate_run('a', max_rows => 13)")
    assert len(runs("select * from unwind.compensate_run('a', max_rows => 14)")) == 4


def test_runs_of_several_workflows_count_together(runs: Any) -> None:
    runs.conn.execute("""
        create table notes (id int primary key);
        select unwind.define_workflow('notes'), unwind.define_step('notes', 'note', 'notes', 'id');
        select unwind.start_run('notes', 'n'), unwind.record_step('n', 'note', '1');
        insert into notes values (1);
    """)
    call = "select * from unwind.compensate_runs('{{a,n}}', max_rows => {})"
    error = refused(runs, call.format(ROWS_PER_RUN))
    assert "2 runs" in error.diag.message_primary
    assert "1 of run n" in error.diag.message_detail
    assert [row[:2] for row in runs(call.format(ROWS_PER_RUN + 1))] == [("a", ROWS_PER_RUN), ("n", 1)]


def test_what_was_undone_before_does_not_count(runs: Any) -> None:
    runs("select * from unwind.compensate_step('a', 'parcel')")
    assert runs.value("select count(*) from unwind.compensate_runs('{a}', max_rows => 3)") == 1
    assert runs.rows_left() == 2 * ROWS_PER_RUN


@pytest.mark.parametrize(
    "again",
    [
        "select sum(rows_deleted) from unwind.compensate_run('a', max_rows => 0)",
        "select sum(rows_deleted) from unwind.compensate_runs('{a}', max_rows => 0)",
    ],
)
def test_a_compensated_run_gives_its_receipts_whatever_max_rows_says(runs: Any, again: str) -> None:
    runs("select * from unwind.compensate_run('a')")
    assert runs.value(again) == ROWS_PER_RUN


@pytest.mark.parametrize(
    "call", ["compensate_run('a', max_rows => -1)", "compensate_runs('{a}', max_rows => -1)"]
)
def test_a_negative_limit_is_no_limit_to_have(runs: Any, call: str) -> None:
    error = runs.refused(f"select * from unwind.{call}")
    assert error.sqlstate == "UW009"
    assert "max_rows" in error.diag.message_primary


@pytest.mark.parametrize(
    "shape",
    [
        "alter table lines add parent int; alter table lines add other int;"
        "create index on lines (parent); create index on lines (other);"
        "select unwind.declare_foreign_key('lines', '{parent}', 'lines', '{id}', 'cascade');"
        "select unwind.declare_foreign_key('lines', '{other}', 'lines', '{id}', 'cascade')",
        "alter table orders add main int; create index on orders (main);"
        "select unwind.declare_foreign_key('orders', '{main}', 'lines', '{id}', 'cascade')",
    ],
    ids=["tangled", "cycle"],
)
def test_rows_that_go_in_one_statement_count(runs: Any, shape: str) -> None:
    runs.conn.execute(shape.encode())
    refused(runs, "select * from unwind.compensate_run('a', max_rows => 3)")
    assert runs.value("select sum(rows_deleted) from unwind.compensate_run('a', max_rows => 4)") == 4
