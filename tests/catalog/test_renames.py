"""Definitions, keys and owners follow what is renamed; where a name could mean two, a person says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from templates import holding

Connection = psycopg.Connection[Any]
Statements = LiteralString

SHOP = """
create table orders (id text primary key, customer text, other text);
create table lines (id int primary key, order_id text not null, other_id text);
create index on lines (order_id);
select unwind.define_workflow('w');
select unwind.define_step('w', 'o', 'orders', 'id');
select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'cascade');
select unwind.start_run('w', 'done'), unwind.record_step('done', 'o', 'A');
insert into orders values ('A', 'ann', 'a'), ('B', 'bob', 'b'), ('C', 'cid', 'A');
insert into lines values (1, 'A', 'C'), (2, 'A', 'C'), (3, 'B', 'A');
select unwind.complete_run('done');
"""
WAYS: list[Statements] = [
    "select * from unwind.compensate_run('done', force => true)",
    "select * from unwind.compensate_runs('{done}', force => true)",
    "call unwind.compensate_run_in_batches('done', force => true)",
    "select * from unwind.preview_run('done')",
    "select * from unwind.verify_run('done')",
]
COMPILE = "select unwind.compile_workflow('w')"


shop_template = holding(SHOP)


@pytest.fixture
def shop(shop_template: Any, conn: Connection) -> Connection:
    """A COMPLETED run 'done' made order A with lines 1 and 2; all else is somebody else's."""
    return conn


def findings(conn: Connection) -> list[tuple[str, str]]:
    rows = conn.execute("select code, fix from unwind.check_workflow('w')").fetchall()
    return [(code, fix) for code, fix in rows if code in ("stale_plan", "broken_definition")]


def mend(conn: Connection) -> None:
    """Do what the check prints, word for word, until it says no more."""
    for _ in range(3):
        found = findings(conn)
        for _, fix in found:
            conn.execute(fix.encode())
        if not found:
            return
    raise AssertionError(findings(conn))


def record(conn: Connection, run: str, *key: str, workflow: str = "w") -> None:
    conn.execute("select unwind.start_run(%s, %s)", [workflow, run])
    conn.execute("select unwind.record_step(%s, 'o', variadic %s::text[])", [run, list(key)])


def is_owned(conn: Connection, *key: str, workflow: str = "w") -> bool:
    """Whether another run is kept from recording the entity."""
    try:
        with conn.transaction(force_rollback=True):
            record(conn, "another", *key, workflow=workflow)
    except psycopg.Error as refused:
        if refused.sqlstate == "UW017":  # the row is there, and nobody owns it
            return False
        assert refused.sqlstate == "UW004", refused
        assert "belongs to run 'done'" in str(refused)
        return True
    return False


def refusal(conn: Connection, statement: Statements) -> psycopg.errors.Diagnostic:
    with pytest.raises(psycopg.Error) as refused:
        conn.execute(statement)
    assert refused.value.sqlstate == "UW009", statement
    return refused.value.diag


def cures(hint: str | None) -> dict[str, str]:
    """The statements of a hint by which a person says what is meant, take and keep."""
    found = re.findall(r"select unwind_internal\.(take|keep)_\w+\([^;]*\);", hint or "")
    texts = [match.group(0) for match in re.finditer(r"select unwind_internal\.\w+\([^;]*\);", hint or "")]
    return dict(zip(found, texts, strict=True))


def undo(conn: Connection, run: str = "done") -> dict[str, int]:
    rows = conn.execute(
        "select table_name, rows_deleted from unwind.compensate_run(%s, force => true)", [run]
    ).fetchall()
    assert conn.execute("select * from unwind.verify_run(%s)", [run]).fetchall() == []
    return dict(rows)


# A column is renamed, and its old name is free ---------------------------------------------------

RENAMES: list[Statements] = [
    "alter table orders rename column id to order_no",
    "alter table orders rename to sales; alter table sales rename column id to order_no",
    'create schema s; alter table orders set schema s; alter table s.orders rename id to "Order No"',
    "alter table orders rename id to order_no; alter table orders rename order_no to number",
    "alter table orders rename id to order_no; alter table lines rename order_id to order_no",
    "alter table orders rename customer to buyer; alter table orders rename id to customer",
]
BY_HAND = (
    "update unwind.step_roots set key_columns = '{order_no}'"
    " where workflow = 'w' and step = 'o' and root = 1;"
    "update unwind.logical_foreign_keys set parent_columns = '{order_no}'"
    " where parent_table = 'orders'::regclass;"
)


@pytest.mark.parametrize("rename", RENAMES)
@pytest.mark.parametrize("compiled_by", ["the fixes", "compile_workflow", "a definition", "an upgrade"])
def test_owners_follow_a_key_to_its_new_name(shop: Connection, rename: Statements, compiled_by: str) -> None:
    shop.execute(rename)
    if compiled_by == "the fixes":
        mend(shop)
    elif compiled_by == "compile_workflow":
        shop.execute(COMPILE)
    elif compiled_by == "a definition":
        shop.execute(
            "create table notes (id int primary key); select unwind.define_step('w', 'n', 'notes', 'id')"
        )
    else:
        from pgunwind import manifest

        with shop.transaction():
            manifest.install(shop)
    assert findings(shop) == []
    assert is_owned(shop, "A")
    assert not is_owned(shop, "B")
    assert shop.execute("select count(distinct key_columns) from unwind.entity_owners").fetchone() == (1,)
    assert sorted(undo(shop).values()) == [1, 2]


def test_who_updates_the_definitions_by_hand_ends_right_too(shop: Connection) -> None:
    shop.execute("alter table orders rename id to order_no")
    shop.execute(BY_HAND.encode())
    shop.execute(COMPILE)
    assert is_owned(shop, "A")
    assert not is_owned(shop, "B")
    assert sorted(undo(shop).values()) == [1, 2]


def test_owners_left_under_a_dead_name_by_an_earlier_version_are_made_anew(shop: Connection) -> None:
    shop.execute("alter table orders rename id to order_no")
    shop.execute(BY_HAND.encode())
    # As 0.1.0 left it: the plan is made anew, the owners are not, and no number is known.
    shop.execute("update unwind_internal.planned_tables set target_oid = null")
    shop.execute(COMPILE)
    assert is_owned(shop, "A")
    assert sorted(undo(shop).values()) == [1, 2]


def test_a_composite_key_is_followed_column_by_column(conn: Connection) -> None:
    conn.execute("""
        create table parts (a int, b text, c date, primary key (a, b));
        create table uses (id int, part_a int, part_b text);
        select unwind.define_workflow('w');
        select unwind.define_step('w', 'o', 'parts', 'b', 'a');
        select unwind.declare_foreign_key('uses', '{part_a,part_b}', 'parts', '{a,b}', 'cascade');
        select unwind.start_run('w', 'done'), unwind.record_step('done', 'o', 'x', '1');
        insert into parts values (1, 'x'), (1, 'y'); insert into uses values (1, 1, 'x'), (2, 1, 'y');
        select unwind.complete_run('done');
        alter table parts rename b to name; alter table uses rename part_a to part;
    """)
    mend(conn)
    assert is_owned(conn, "x", "1")
    assert not is_owned(conn, "y", "1")
    assert undo(conn) == {"public.uses": 1, "public.parts": 1}


def test_links_follow_on_both_sides_and_so_do_the_columns_that_they_clear(shop: Connection) -> None:
    shop.execute("""
        create table tickets (id int primary key, tenant int, order_id text);
        insert into tickets values (1, 7, 'A'), (2, 7, 'B');
        select unwind.declare_foreign_key('tickets', '{order_id}', 'orders', '{id}', 'set null');
        set constraints all immediate;
        update unwind.logical_foreign_keys set set_columns = '{order_id}' where on_delete = 'set null';
        alter table tickets rename order_id to order_no; alter table orders rename id to order_no;
    """)
    mend(shop)
    assert shop.execute(
        "select child_columns, parent_columns, set_columns from unwind.logical_foreign_keys "
        "where on_delete = 'set null'"
    ).fetchall() == [(["order_no"], ["order_no"], ["order_no"])]
    assert sorted(undo(shop).values()) == [1, 2]
    assert shop.execute("select order_no from tickets order by id").fetchall() == [(None,), ("B",)]


def test_a_definition_written_anew_under_the_new_name_stands_for_both(shop: Connection) -> None:
    shop.execute("alter table orders rename id to order_no; alter table lines rename order_id to order_no")
    shop.execute("select unwind.define_step('w', 'o', 'orders', 'order_no')")
    shop.execute(
        "select unwind.declare_foreign_key('lines', '{order_no}', 'orders', '{order_no}', 'cascade')"
    )
    assert shop.execute("select key_columns from unwind.step_roots").fetchall() == [(["order_no"],)]
    assert shop.execute("select child_columns from unwind.logical_foreign_keys").fetchall() == [
        (["order_no"],)
    ]
    assert is_owned(shop, "A")
    assert sorted(undo(shop).values()) == [1, 2]


# Between the rename and the compilation -----------------------------------------------------------

STALE: list[Statements] = [
    "alter table orders rename id to order_no",
    "alter table orders rename id to former; alter table orders rename other to id",
    "alter table orders drop column id; alter table orders add column id text",
    "alter table orders alter id type varchar(3)",
    "alter table orders alter id type uuid using md5(id)::uuid",
    "alter table orders rename to orders_old; create table orders (like orders_old including all)",
    "alter table orders rename to orders_old; create view orders as select * from orders_old",
]


@pytest.mark.parametrize("change", STALE)
def test_nothing_is_recorded_under_a_name_or_type_that_is_dead(shop: Connection, change: Statements) -> None:
    shop.execute("select unwind.start_run('w', 'r')")
    shop.execute(change)
    with pytest.raises(psycopg.Error, match="has to be compiled anew") as refused:
        shop.execute("select unwind.record_step('r', 'o', 'N')")
    assert refused.value.sqlstate == "UW009"
    assert "compile_workflow('w')" in (refused.value.diag.message_hint or "")
    assert shop.execute("select count(*) from unwind.run_steps where run_id = 'r'").fetchone() == (0,)


@pytest.mark.parametrize(
    "change",
    [
        "alter table orders rename to sales",
        "alter table orders rename customer to buyer",
        "alter table orders add extra int; alter table orders drop other",
        "alter table lines rename order_id to order_no",
    ],
)
def test_what_leaves_the_key_alone_does_not_keep_anybody_from_recording(
    shop: Connection, change: Statements
) -> None:
    shop.execute(change)
    record(shop, "r", "N")


def test_one_workflow_compiled_after_a_rename_compiles_the_others_of_that_table(shop: Connection) -> None:
    shop.execute("select unwind.define_workflow('v'); select unwind.define_step('v', 'o', 'orders', 'id')")
    shop.execute("alter table orders rename id to order_no")
    shop.execute(COMPILE)
    for workflow in ("w", "v"):
        assert is_owned(shop, "A", workflow=workflow)
    record(shop, "mine", "N", workflow="v")
    with pytest.raises(psycopg.Error, match="belongs to run 'mine'"):
        record(shop, "theirs", "N")


def test_a_workflow_that_cannot_be_compiled_holds_up_no_other_and_records_nothing(shop: Connection) -> None:
    shop.execute("""
        create table gone (id int primary key);
        select unwind.define_workflow('v'); select unwind.define_step('v', 'o', 'orders', 'id');
        select unwind.define_step('v', 'g', 'gone', 'id'); set constraints all immediate; drop table gone;
        alter table orders rename id to order_no;
    """)
    shop.execute(COMPILE)
    assert is_owned(shop, "A")
    with pytest.raises(psycopg.Error, match="has to be compiled anew") as refused:
        record(shop, "another", "A", workflow="v")
    assert refused.value.sqlstate == "UW009"


@pytest.mark.parametrize("commits", [True, False])
def test_a_step_in_flight_is_waited_for_and_its_owner_follows(
    shop: Connection, connect: Any, in_background: Any, wait_until_blocked: Any, commits: bool
) -> None:
    worker, definer = connect(autocommit=False), connect()
    record(worker, "r", "N")  # it has looked at the table, so the renaming waits already
    renaming = in_background(definer.execute, "alter table orders rename id to order_no")
    wait_until_blocked(definer, renaming)
    if commits:
        worker.commit()
    else:
        worker.rollback()
    renaming.result()
    definer.execute(COMPILE)
    if commits:
        with pytest.raises(psycopg.Error, match="belongs to run 'r'"):
            record(shop, "another", "N")
    assert shop.execute("select distinct key_columns from unwind.entity_owners").fetchall() == [
        (["order_no"],)
    ]


def test_a_step_that_waits_for_the_compilation_is_not_recorded_under_the_dead_name(
    shop: Connection, connect: Any, in_background: Any, wait_until_blocked: Any
) -> None:
    worker, definer = connect(), connect(autocommit=False)
    shop.execute("select unwind.start_run('w', 'r')")
    definer.execute("alter table orders rename id to order_no")
    definer.execute(COMPILE)
    recording = in_background(worker.execute, "select unwind.record_step('r', 'o', 'N')")
    wait_until_blocked(worker, recording)
    definer.commit()
    recording.result()
    assert shop.execute("select distinct key_columns from unwind.entity_owners").fetchall() == [
        (["order_no"],)
    ]


# A column is renamed, and another has its name ----------------------------------------------------

SWAPS: list[tuple[Statements, str]] = [
    (
        "alter table orders rename id to tmp; alter table orders rename other to id;"
        "alter table orders rename tmp to other",
        "column id of public.orders is another column now; the one that was planned is called other",
    ),
    (
        "alter table orders rename id to old_id; alter table orders add id text;"
        "update orders set id = 'new ' || old_id; alter table orders add unique (id)",
        "column id of public.orders is another column now; the one that was planned is called old_id",
    ),
    (
        "select unwind.drop_foreign_key('lines', '{order_id}', 'orders', '{id}');"
        "set constraints all immediate;"
        "alter table orders rename id to old_id; alter table orders add id int generated always as identity",
        "column id of public.orders is another column now; the one that was planned is called old_id",
    ),
]


@pytest.mark.parametrize(("change", "says"), SWAPS)
def test_another_column_under_the_name_of_a_key_is_refused_everywhere_naming_both(
    shop: Connection, change: Statements, says: str
) -> None:
    shop.execute(change)
    for statement in (*WAYS, COMPILE, "select unwind.define_step('w', 'l', 'lines', 'id')"):
        diag = refusal(shop, statement)
        assert says in (diag.message_detail or ""), statement
        assert set(cures(diag.message_hint)) == {"take", "keep"}, statement
    assert shop.execute("select count(*) from orders").fetchone() == (3,)


@pytest.mark.parametrize(("change", "_"), SWAPS)
@pytest.mark.parametrize("cure", ["keep", "take", "the check's fix"])
def test_both_cures_work_word_for_word_and_keep_whose_row_it_is(
    shop: Connection, change: Statements, _: str, cure: str
) -> None:
    shop.execute(change)
    if cure == "the check's fix":
        shop.execute("update lines set other_id = null")
        mend(shop)
    else:
        shop.execute(cures(refusal(shop, COMPILE).message_hint)[cure].encode())
        shop.execute(COMPILE)
    assert findings(shop) == []
    [(key,)] = shop.execute("select entity_key[1] from unwind.run_steps").fetchall()
    column = shop.execute("select key_columns[1] from unwind.step_roots").fetchone()
    assert column is not None
    assert (column == ("id",)) == (cure != "keep")
    assert shop.execute(
        f"select customer from orders where {column[0]}::text = %s".encode(), [key]
    ).fetchall() == [("ann",)]
    assert is_owned(shop, key)
    assert undo(shop)["public.orders"] == 1
    assert shop.execute("select customer from orders order by 1").fetchall() == [("bob",), ("cid",)]


@pytest.mark.parametrize("cure", ["keep", "take"])
def test_a_link_whose_column_changed_places_goes_by_what_was_said(shop: Connection, cure: str) -> None:
    shop.execute("""
        alter table lines rename order_id to tmp; alter table lines rename other_id to order_id;
        alter table lines rename tmp to other_id
    """)
    for statement in WAYS:
        assert set(cures(refusal(shop, statement).message_hint)) == {"take", "keep"}
    shop.execute(cures(refusal(shop, COMPILE).message_hint)[cure].encode())
    shop.execute(COMPILE)
    undo(shop)
    left = {"keep": [(3,)], "take": [(1,), (2,)]}[cure]
    assert shop.execute("select id from lines order by id").fetchall() == left


def test_two_keys_of_one_table_that_change_names_change_places(conn: Connection) -> None:
    conn.execute("""
        create table t (a text unique, b text unique);
        select unwind.define_workflow('w'), unwind.define_workflow('v');
        select unwind.define_step('w', 'o', 't', 'a'), unwind.define_step('v', 'o', 't', 'b');
        select unwind.start_run('w', 'done'), unwind.record_step('done', 'o', '1');
        insert into t values ('1', '9'); select unwind.complete_run('done');
        select unwind.start_run('v', 'r'), unwind.record_step('r', 'o', '1');
        insert into t values ('9', '1');
        alter table t rename a to c; alter table t rename b to a; alter table t rename c to b;
    """)
    conn.execute(cures(refusal(conn, COMPILE).message_hint)["keep"].encode())
    assert conn.execute("select workflow, key_columns from unwind.step_roots order by 1").fetchall() == [
        ("v", ["a"]),
        ("w", ["b"]),
    ]
    assert conn.execute("select run_id, key_columns from unwind.entity_owners order by 1").fetchall() == [
        ("done", ["b"]),
        ("r", ["a"]),
    ]
    undo(conn)
    assert conn.execute("select b, a from t").fetchall() == [("9", "1")]


def test_a_key_that_would_find_the_row_of_another_is_refused_with_the_way_back(shop: Connection) -> None:
    # A recorded ahead: order N has no row yet, and another order is called N by the other column.
    record(shop, "ahead", "N")
    shop.execute("update orders set other = 'N' where id = 'B'")
    shop.execute(SWAPS[0][0])
    take = cures(refusal(shop, COMPILE).message_hint)["take"]
    with pytest.raises(psycopg.Error, match=r"key \(N\) of step 'o', recorded by run 'ahead'") as refused:
        shop.execute(take.encode())
    assert refused.value.sqlstate == "UW009"
    shop.execute(cures(refused.value.diag.message_hint)["keep"].encode())
    undo(shop, "ahead")
    assert shop.execute("select count(*) from orders").fetchone() == (3,)


def test_a_key_of_two_tables_is_not_another_in_one_of_them(shop: Connection) -> None:
    shop.execute("create table copies (id text primary key); insert into copies values ('A')")
    shop.execute("select unwind.define_step('w', 'o', 'copies', 'id')")
    shop.execute(SWAPS[0][0])
    take = cures(refusal(shop, COMPILE).message_hint)["take"]
    with pytest.raises(psycopg.Error, match=r"key \(A\) of step 'o'.* has no row of its own") as refused:
        shop.execute(take.encode())
    shop.execute(cures(refused.value.diag.message_hint)["keep"].encode())
    assert undo(shop) == {"public.lines": 2, "public.orders": 1, "public.copies": 1}


def test_a_column_that_was_dropped_and_added_again_is_meant_if_the_rows_are_found_by_it(
    shop: Connection,
) -> None:
    shop.execute("alter table orders drop column id, add column id text")
    diag = refusal(shop, COMPILE)
    assert "key (A) of step 'o', recorded by run 'done', finds no row" in (diag.message_primary or "")
    shop.execute("update orders set id = upper(substr(customer, 1, 1))")
    shop.execute(COMPILE)
    assert is_owned(shop, "A")
    assert sorted(undo(shop).values()) == [1, 2]


def test_the_columns_of_a_real_key_may_change_places_for_the_key_says_which_are_meant(
    conn: Connection,
) -> None:
    conn.execute("""
        create table orders (id int primary key);
        create table lines (id int, a int references orders on delete cascade, b int);
        select unwind.define_workflow('w'); select unwind.define_step('w', 'o', 'orders', 'id');
        select unwind.start_run('w', 'done'), unwind.record_step('done', 'o', '1');
        insert into orders values (1); insert into lines values (1, 1, 2), (2, null, 1);
        alter table lines rename a to c; alter table lines rename b to a; alter table lines rename c to b;
    """)
    assert "compile_workflow" in (
        refusal(conn, "select * from unwind.compensate_run('done')").message_hint or ""
    )
    conn.execute(COMPILE)
    assert undo(conn) == {"public.lines": 1, "public.orders": 1}
    assert conn.execute("select id from lines").fetchall() == [(2,)]


# A table is renamed, and another has its name -----------------------------------------------------

RETIRED: list[tuple[Statements, str, str]] = [
    (
        "create table event_new (like orders including all); insert into event_new select * from orders;"
        "alter table orders rename to orders_old; alter table event_new rename to orders",
        "public.orders is another table now",
        "public.orders_old",
    ),
    (
        "begin; alter table orders rename to orders_old; create table orders (like orders_old including all);"
        "insert into orders select * from orders_old; commit",
        "public.orders is another table now",
        "public.orders_old",
    ),
    (
        "create schema archive; alter table orders set schema archive;"
        "create table orders (like archive.orders including all);"
        "insert into orders select * from archive.orders",
        "public.orders is another table now",
        "archive.orders",
    ),
    (
        "alter table orders rename to orders_1;"
        "create table orders (like orders_1 including all) partition by list (id);"
        "alter table orders attach partition orders_1 default",
        "public.orders is another table now",
        "public.orders_1",
    ),
    (
        "alter table lines rename to lines_old; create table lines (like lines_old including all);"
        "insert into lines select * from lines_old",
        "public.lines is another table now",
        "public.lines_old",
    ),
]


@pytest.mark.parametrize(("change", "says", "former"), RETIRED)
@pytest.mark.parametrize("cure", ["take", "keep", "the check's fix"])
def test_another_table_under_the_name_is_refused_until_somebody_says_which_is_meant(
    shop: Connection, change: Statements, says: str, former: str, cure: str
) -> None:
    shop.execute(change)
    for statement in (*WAYS, COMPILE, "select unwind.define_workflow('w')"):
        diag = refusal(shop, statement)
        assert says in (diag.message_detail or ""), statement
        assert former in (diag.message_detail or ""), statement
        assert set(cures(diag.message_hint)) == {"take", "keep"}, statement
    if cure == "the check's fix":
        mend(shop)
    else:
        shop.execute(cures(refusal(shop, COMPILE).message_hint)[cure].encode())
        shop.execute(COMPILE)
    assert findings(shop) == []
    if cure == "keep":  # whoever records means the table that is undone by its bare name
        shop.execute(f"set search_path = {former.partition('.')[0]}, public".encode())
    assert is_owned(shop, "A")
    assert not is_owned(shop, "B")
    kept = former if cure == "keep" else says.partition(" ")[0]
    assert kept in undo(shop)
    assert not shop.execute(
        f"select from {kept} where {'order_id' if 'lines' in kept else 'id'} = 'A'".encode()
    ).fetchall()
    assert shop.execute(f"select count(*) > 0 from {kept}".encode()).fetchone() == (True,)
    assert shop.execute(
        "select count(*) from unwind.entity_owners where root_table::text <> %s",
        [kept if "orders" in kept else "public.orders"],
    ).fetchone() in [(0,), (1,)]


@pytest.mark.parametrize("cure", ["take", "keep"])
def test_where_several_things_have_to_be_said_nothing_is_undone_before_the_last(
    shop: Connection, cure: str
) -> None:
    shop.execute(RETIRED[0][0])
    shop.execute(RETIRED[-1][0])
    shop.execute(
        "alter table lines_old rename order_id to tmp; alter table lines_old rename other_id to order_id"
    )
    shop.execute("alter table lines_old rename tmp to other_id")
    found = re.findall(
        rf"select unwind_internal\.{cure}_\w+\([^;]*\);", refusal(shop, COMPILE).message_hint or ""
    )
    assert len(found) == 3
    for statement in sorted(found, key=lambda text: "columns" not in text):
        for way in WAYS:
            refusal(shop, way)
        shop.execute(statement.encode())
    shop.execute(COMPILE)
    assert findings(shop) == []
    assert sorted(undo(shop).values()) == [1, 2]


def test_a_view_under_the_name_cannot_be_meant(shop: Connection) -> None:
    shop.execute("alter table orders rename to orders_v1; create view orders as select * from orders_v1")
    for statement in (*WAYS, COMPILE):
        diag = refusal(shop, statement)
        assert "public.orders is no table now; the one that was planned is called public.orders_v1" in (
            diag.message_detail or ""
        )
        assert set(cures(diag.message_hint)) == {"keep"}
    shop.execute(cures(refusal(shop, COMPILE).message_hint)["keep"].encode())
    assert findings(shop) == []
    assert is_owned(shop, "A")
    assert undo(shop) == {"public.lines": 2, "public.orders_v1": 1}


def test_a_table_that_lacks_a_row_of_a_run_is_not_taken_before_that_run_is_undone(shop: Connection) -> None:
    shop.execute(
        "alter table orders rename to orders_old; create table orders (like orders_old including all)"
    )
    take = cures(refusal(shop, COMPILE).message_hint)["take"]
    with pytest.raises(
        psycopg.Error, match=r"key \(A\) of step 'o', recorded by run 'done', finds no row"
    ) as refused:
        shop.execute(take.encode())
    assert refused.value.sqlstate == "UW009"
    shop.execute(cures(refused.value.diag.message_hint)["keep"].encode())
    assert undo(shop) == {"public.lines": 2, "public.orders_old": 1}


def test_a_key_recorded_ahead_goes_over_to_the_new_table(shop: Connection) -> None:
    record(shop, "ahead", "N")
    shop.execute(RETIRED[0][0])
    shop.execute(cures(refusal(shop, COMPILE).message_hint)["take"].encode())
    shop.execute("insert into orders values ('N', 'nan')")
    assert undo(shop, "ahead") == {"public.orders": 1}


def test_a_table_that_was_dropped_and_made_again_is_taken_by_the_fix_of_the_check(shop: Connection) -> None:
    shop.execute("""
        create table copy (like orders including all); insert into copy select * from orders;
        drop table orders; alter table copy rename to orders
    """)
    mend(shop)
    assert is_owned(shop, "A")
    shop.execute("select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'cascade')")
    assert undo(shop) == {"public.lines": 2, "public.orders": 1}


def test_a_constraint_goes_with_its_table_so_the_new_one_has_to_be_declared_or_the_former_meant(
    conn: Connection,
) -> None:
    conn.execute("""
        create table orders (id int primary key);
        create table lines (id int, order_id int references orders on delete cascade);
        select unwind.define_workflow('w'); select unwind.define_step('w', 'o', 'orders', 'id');
        select unwind.start_run('w', 'done'), unwind.record_step('done', 'o', '1');
        insert into orders values (1); insert into lines values (1, 1);
        alter table lines rename to lines_old; create table lines (id int, order_id int);
    """)
    assert set(cures(refusal(conn, COMPILE).message_hint)) == {"keep"}
    conn.execute(cures(refusal(conn, COMPILE).message_hint)["keep"].encode())
    conn.execute("select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'cascade')")
    conn.execute("insert into lines values (2, 1)")
    assert undo(conn) == {"public.lines": 1, "public.lines_old": 1, "public.orders": 1}


def test_definitions_that_no_longer_name_the_retired_table_are_unambiguous(shop: Connection) -> None:
    shop.execute("alter table lines rename to lines_old; create table lines (like lines_old including all)")
    shop.execute("select unwind.drop_foreign_key('lines_old', '{order_id}', 'orders', '{id}')")
    shop.execute("select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'cascade')")
    assert findings(shop) == []


def test_a_sweep_does_not_undo_by_a_plan_that_could_mean_two_things(shop: Connection) -> None:
    record(shop, "failed", "N")
    shop.execute("select unwind.fail_run('failed', 'x')")
    shop.execute(RETIRED[0][0])
    shop.execute("insert into orders values ('N', 'nan')")
    shop.execute("call unwind.recover_runs()")
    [(status, error)] = shop.execute(
        "select status, last_error from unwind.workflow_runs where id = 'failed'"
    ).fetchall()
    assert status == "FAILED"
    assert "another table now" in error
    shop.execute(cures(refusal(shop, COMPILE).message_hint)["take"].encode())
    shop.execute("update unwind.workflow_runs set retry_at = null")
    shop.execute("call unwind.recover_runs()")
    assert shop.execute("select count(*) from orders where id = 'N'").fetchone() == (0,)


# A dump -------------------------------------------------------------------------------------------


@pytest.fixture
def restored(
    shop: Connection, dsn: str, bare_dsn: str, pg_bin: Path, connect: Any
) -> Callable[..., Connection]:
    """Restores a dump of the shop into another database, where tables and columns have other numbers."""

    def restore(edit: Callable[[bytes], bytes] = bytes) -> Connection:
        dump = edit(subprocess.run([pg_bin / "pg_dump", "-d", dsn], capture_output=True, check=True).stdout)
        subprocess.run(
            [pg_bin / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", bare_dsn],
            input=dump,
            capture_output=True,
            check=True,
        )
        return connect(bare_dsn)

    return restore


def test_a_restored_dump_numbers_columns_anew_which_is_no_drift(
    shop: Connection, restored: Callable[..., Connection]
) -> None:
    shop.execute("""
        create table shifted (gone int, also int, k int, v int);
        alter table shifted drop gone, drop also;
        select unwind.define_step('w', 's', 'shifted', 'k');
        insert into shifted values (1, 2);
    """)
    other = restored()
    assert other.execute(
        "select attnum from pg_attribute where attrelid = 'shifted'::regclass and attname = 'k'"
    ).fetchone() == (1,)
    assert findings(other) == []
    assert is_owned(other, "A")
    record(other, "r", "N")
    assert sorted(undo(other).values()) == [1, 2]


def test_in_a_restored_dump_a_rename_is_not_guessed_until_it_was_compiled_once(
    shop: Connection, restored: Callable[..., Connection]
) -> None:
    other = restored()
    other.execute("alter table orders rename id to order_no")
    assert "no column id" in (refusal(other, COMPILE).message_primary or "")
    other.execute("alter table orders rename order_no to id")
    other.execute(COMPILE)
    other.execute("alter table orders rename id to order_no")
    other.execute(COMPILE)
    assert is_owned(other, "A")


def restored_beside(
    shop: Connection, restored: Callable[..., Connection], bare_dsn: str, connect: Any, dropped: Statements
) -> Connection:
    """Restores a dump made after a table was dropped, where another table has its number."""
    [(number,)] = shop.execute("select %s::regclass::oid", [dropped]).fetchall()
    shop.execute(f"drop table {dropped} cascade".encode())
    innocent = connect(bare_dsn)
    innocent.execute("create table innocent (id text primary key, order_id text)")
    innocent.execute("insert into innocent values ('A', 'A')")
    [(taken,)] = innocent.execute("select 'innocent'::regclass::oid").fetchall()
    return restored(lambda dump: re.sub(rb"\b%d\b" % number, b"%d" % taken, dump))


@pytest.mark.parametrize("compiled", [True, False])
def test_a_link_of_a_table_that_was_dropped_before_the_dump_links_no_other(
    shop: Connection, restored: Callable[..., Connection], bare_dsn: str, connect: Any, compiled: bool
) -> None:
    if compiled:
        shop.execute("create table notes (id text primary key, order_id text)")
        shop.execute("select unwind.declare_foreign_key('notes', '{order_id}', 'orders', '{id}')")
    other = restored_beside(shop, restored, bare_dsn, connect, "notes" if compiled else "lines")
    named = "select child_table::text from unwind.logical_foreign_keys order by 1"
    assert "innocent" in {name for (name,) in other.execute(named).fetchall()}
    other.execute(COMPILE)
    other.execute("select * from unwind.compensate_run('done', force => true)")
    assert other.execute("select * from innocent").fetchall() == [("A", "A")]
    assert other.execute("select id from orders order by 1").fetchall() == [("B",), ("C",)]
    assert other.execute(named).fetchall() == ([("lines",)] if compiled else [])
    other.execute("select unwind.declare_foreign_key('innocent', '{order_id}', 'orders', '{id}')")
    assert ("innocent",) in other.execute(named).fetchall(), "once it is said, it is meant"


def test_a_root_that_was_dropped_before_the_dump_is_no_table_until_somebody_says_which(
    shop: Connection, restored: Callable[..., Connection], bare_dsn: str, connect: Any
) -> None:
    other = restored_beside(shop, restored, bare_dsn, connect, "orders")
    for call in WAYS[:3]:
        assert refusal(other, call).sqlstate == "UW009"
    assert "table - does not exist" in (refusal(other, COMPILE).message_primary or "")
    assert other.execute("select * from innocent").fetchall() == [("A", "A")]
    other.execute("create table sales (id text primary key); insert into sales values ('A'), ('B')")
    with other.transaction():
        other.execute("select unwind_internal.lock_definitions()")
        [(_, fix)] = [(code, fix) for code, fix in findings(other) if code == "broken_definition"]
        fix = fix.replace("-- Put it back, or: ", "").replace("'...'", "'sales'").replace("{...}", "{id}")
        other.execute(fix.encode())
    other.execute("select * from unwind.compensate_run('done', force => true)")
    assert other.execute("select id from sales").fetchall() == [("B",)]
    assert other.execute("select * from innocent").fetchall() == [("A", "A")]
