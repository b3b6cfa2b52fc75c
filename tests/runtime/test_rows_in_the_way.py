"""A refusal names the rows that are in the way, their keys and runs, and gives statements that lead on.

The preview says the same in the same words, before anything is tried.
"""

from __future__ import annotations

import re
from typing import Any, LiteralString

import psycopg
import pytest

from templates import holding

Connection = psycopg.Connection[Any]

# latest is a restrict link against the cascade: an item of another run can keep a version of this one.
SETUP = """
create table item (id int primary key, latest int);
create table ver (id int primary key, item_id int references item on delete cascade);
alter table item add foreign key (latest) references ver;
create index on item (latest);
create index on ver (item_id);
select unwind.define_workflow('w'), unwind.define_step('w', 'item', 'item', 'id');
select unwind.start_run('w', 'r-1'), unwind.record_step('r-1', 'item', '1');
insert into item values (1);
insert into ver values (11, 1);
"""
UNDO = [
    "select * from unwind.compensate_run('r-1')",
    "select * from unwind.compensate_runs('{r-1}')",
    "select * from unwind.compensate_step('r-1', 'item')",
    "call unwind.compensate_run_in_batches('r-1')",
]

items_template = holding(SETUP)


@pytest.fixture
def items(items_template: Any, conn: Connection) -> Connection:
    """A run with an item and its version."""
    return conn


def refused(conn: Connection, call: str = UNDO[0]) -> psycopg.errors.Diagnostic:
    with pytest.raises(psycopg.Error) as error:
        conn.execute(call.encode())
    assert error.value.sqlstate == "UW007", error.value
    return error.value.diag


def statement(hint: str | None, function: str) -> bytes:
    """The one statement of a hint that calls a function."""
    [found] = re.findall(rf"select (?:\* from )?unwind\.{function}\(.*?\);", hint or "")
    return str(found).encode()


def lines(conn: Connection) -> list[tuple[Any, ...]]:
    return conn.execute(
        "select table_name, row_count, blocked_by from unwind.preview_run('r-1') order by ordinal"
    ).fetchall()


def other_item(conn: Connection, run: str, key: int) -> None:
    conn.execute("select unwind.start_run('w', %s), unwind.record_step(%s, 'item', %s)", [run, run, str(key)])
    conn.execute("insert into item values (%s, 11)", [key])


@pytest.mark.parametrize("call", UNDO)
def test_a_blocking_row_is_named_by_its_key_with_the_run_that_it_is_of(items: Connection, call: str) -> None:
    other_item(items, "it's r-2", 2)
    diag = refused(items, call)
    assert diag.message_primary == "rows of public.item still refer to what would be deleted (count: 1)"
    assert diag.table_name == "public.item"
    assert "(id, latest)=(2, 11) of run 'it''s r-2'" in (diag.message_detail or "")
    items.execute(statement(diag.message_hint, "compensate_runs"))
    assert items.execute("select count(*) from item").fetchall() == [(0,)]


def test_the_preview_shows_it_before_anything_is_tried(items: Connection) -> None:
    assert lines(items) == [("public.item", 1, None), ("public.ver", 1, None)]
    other_item(items, "r-2", 2)
    rows = "(id, latest)=(2, 11) of run 'r-2'"
    assert lines(items) == [
        ("public.item", 1, None),
        ("public.ver", 1, f"public.item {rows}"),
        ("public.item", 0, f"public.item {rows}"),
    ]
    assert rows in (refused(items).message_detail or "")
    [(shown,)] = items.execute(
        "select statement from unwind.preview_run('r-1') where row_count = 0"
    ).fetchall()
    assert items.execute(shown.encode()).fetchall() == [(2, 11)]


def test_it_is_shown_with_the_table_whose_rows_it_keeps_and_no_other(conn: Connection) -> None:
    conn.execute("""
        create table orders (id int primary key);
        create table lines (id int primary key, order_id int);
        create table marks (id int primary key, at int references lines, also int references orders);
        create table notes (id int primary key, at int references orders);
        select unwind.define_workflow('w'), unwind.define_step('w', 'order', 'orders', 'id');
        select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}');
        select unwind.start_run('w', 'r'), unwind.record_step('r', 'order', '1');
        insert into orders values (1); insert into lines values (1, 1); insert into marks values (1, 1)
    """)
    blocked = conn.execute(
        "select table_name, blocked_by is not null from unwind.preview_run('r') where row_count > 0"
    ).fetchall()
    assert blocked == [("public.lines", True), ("public.orders", False)]


def test_a_row_of_no_run_comes_with_the_link_that_would_take_it(items: Connection) -> None:
    items.execute("insert into item values (2, 11)")
    diag = refused(items)
    assert (diag.message_detail or "").endswith("(id, latest)=(2, 11).")
    assert "compensate_runs" not in (diag.message_hint or "")
    items.execute(statement(diag.message_hint, "declare_foreign_key"))
    assert lines(items)[-1][2] is None


def test_a_row_below_one_that_another_run_owns_is_of_that_run(items: Connection) -> None:
    items.execute(
        """
        create table cart (id int primary key);
        create table line (
            id int primary key, cart_id int references cart on delete cascade, ver_id int references ver
        );
        create table note (
            line_id int primary key references line on delete cascade, ver_id int references ver
        );
        create index on line (cart_id);
        create index on line (ver_id);
        create index on note (ver_id);
        select unwind.define_workflow('shop'), unwind.define_step('shop', 'cart', 'cart', 'id');
        select unwind.compile_workflow('w');
        select unwind.start_run('shop', 's'), unwind.record_step('s', 'cart', '7');
        insert into cart values (7);
        insert into line values (70, 7, 11), (71, 7, null);
        insert into note values (71, 11);
        """
    )
    assert [blocked for *_, blocked in lines(items)] == [
        None,
        "public.line (id, ver_id)=(70, 11) of run 's'; public.note (line_id, ver_id)=(71, 11) of run 's'",
        "public.line (id, ver_id)=(70, 11) of run 's'",
        "public.note (line_id, ver_id)=(71, 11) of run 's'",
    ]
    items.execute(statement(refused(items).message_hint, "compensate_runs"))
    assert items.execute("select (select count(*) from ver) + count(*) from cart").fetchall() == [(0,)]


def test_ten_rows_are_named_and_the_others_counted(items: Connection) -> None:
    items.execute("insert into item select n, 11 from generate_series(100, 111) as n")
    diag = refused(items)
    assert "(count: 12)" in (diag.message_primary or "")
    assert (diag.message_detail or "").count("(id, latest)=") == 10
    assert (diag.message_detail or "").endswith("(id, latest)=(109, 11), and 2 more.")


@pytest.mark.parametrize(
    ("table", "rows", "named"),
    [
        ("(ver_id int references ver)", "(11), (11)", "(ver_id)=(11), (ver_id)=(11)"),
        (
            '(key text, t int, "the run" text, ver_id int references ver, primary key (key, t))',
            "('a, b', 1, '', 11)",
            "(key, t, ver_id)=(a, b, 1, 11)",
        ),
        ("(id int primary key references ver)", "(11)", "(id)=(11)"),
    ],
    ids=["no key", "names that the query uses itself", "the link is the key"],
)
def test_a_row_is_named_by_its_key_and_its_link(
    items: Connection, table: LiteralString, rows: LiteralString, named: str
) -> None:
    items.execute(f"create table extra {table}; insert into extra values {rows}".encode())
    items.execute("select unwind.compile_workflow('w')")
    assert (refused(items).message_detail or "").endswith(f": {named}.")


def test_a_caller_who_cannot_read_a_key_is_told_the_link(items: Connection) -> None:
    items.execute(
        """
        create table safe (id int primary key);
        create table extra (
            secret text primary key, safe int references safe on delete cascade, ver_id int references ver
        );
        insert into extra values ('who', null, 11);
        select unwind.compile_workflow('w');
        create role teller;
        grant select, update, delete on item, ver to teller;
        grant select (ver_id) on extra to teller;
        select unwind_internal.grant_access('teller', 'operator');
        """
    )
    try:
        items.execute("set role teller")
        assert (refused(items).message_detail or "").endswith(": (ver_id)=(11).")
    finally:
        items.execute("reset role; drop owned by teller cascade; drop role teller")


def test_rows_that_would_go_and_are_another_runs_are_named_too(items: Connection) -> None:
    items.execute("select unwind.define_step('w', 'ver', 'ver', 'id')")
    items.execute("select unwind.start_run('w', 'r-2'), unwind.record_step('r-2', 'ver', '12')")
    items.execute("select unwind.start_run('w', 'r-3'), unwind.record_step('r-3', 'ver', '13')")
    items.execute("insert into ver values (12, 1), (13, 1)")
    diag = refused(items)
    assert diag.message_primary == "rows of public.ver that would go belong to run 'r-2'"
    rows = "(id)=(12) of run 'r-2', (id)=(13) of run 'r-3'"
    assert rows in (diag.message_detail or "")
    assert ("public.ver", 0, f"public.ver {rows}") in lines(items)
    items.execute(statement(diag.message_hint, "compensate_runs"))
    assert items.execute("select count(*) from ver").fetchall() == [(0,)]


def test_a_row_that_a_trigger_writes_during_the_undo_is_refused_all_the_same(items: Connection) -> None:
    items.execute(
        """
        create table extra (ver_id int references ver);
        create index on extra (ver_id);
        create function keep() returns trigger language plpgsql as
        $$ begin insert into extra values (old.latest); return null; end $$;
        create trigger keep after update of latest on item for each row execute function keep();
        select unwind.declare_foreign_key('item', '{latest}', 'ver', '{id}', 'set null');
        select unwind.compile_workflow('w');
        """
    )
    items.execute("insert into item values (2, 11)")
    diag = refused(items)
    assert diag.table_name == "public.extra"
    assert items.execute("select count(*) from item").fetchall() == [(2,)]


def test_of_two_runs_that_recorded_a_row_ahead_the_first_by_its_root_is_named(conn: Connection) -> None:
    conn.execute("""
        create table cust (id int primary key);
        create table pay (id int, kind int, cust_id int references cust, primary key (id, kind))
        partition by list (kind);
        create table pay_1 partition of pay for values in (1);
        select unwind.define_workflow('w'), unwind.define_step('w', 'c', 'cust', 'id');
        select unwind.define_workflow('whole'), unwind.define_step('whole', 'p', 'pay', 'id', 'kind');
        select unwind.define_workflow('part'), unwind.define_step('part', 'p', 'pay_1', 'id', 'kind');
        select unwind.start_run('w', 'r'), unwind.start_run('whole', 'x'), unwind.start_run('part', 'a');
        select unwind.record_step('r', 'c', '1'), unwind.record_step('x', 'p', '1', '1');
        select unwind.record_step('a', 'p', '1', '1');
        insert into cust values (1); insert into pay values (1, 1, 1)
    """)
    [(blocked,)] = conn.execute(
        "select distinct blocked_by from unwind.preview_run('r') where blocked_by is not null"
    ).fetchall()
    assert "of run 'x'" in blocked
