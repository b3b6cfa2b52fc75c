"""Undoing a run restores what it changed in captured tables, exactly, or is refused and changes nothing."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

TABLES = ("orders", "lines", "parts")
UNDO = "select * from unwind.compensate_run(%s)"
SKIP = "select * from unwind.compensate_run(%s, on_conflict => 'skip')"


def rows(shop: Any, *tables: str) -> dict[str, list[Any]]:
    """All rows, as text, which tells 1.0 from 1.00."""
    return {table: shop(f"select t::text from {table} as t order by 1") for table in tables or TABLES}


def refused(shop: Any, call: str, *values: Any, state: str) -> psycopg.Error:
    """The error of an undo that has to be refused, and to have changed nothing."""
    statuses = "select id, status from unwind.workflow_runs order by id"
    before = rows(shop), shop(statuses), shop.images("orders")
    error = shop.refused(call, *values)
    assert error.sqlstate == state, error
    assert error.diag.message_detail and error.diag.message_hint
    assert (rows(shop), shop(statuses), shop.images("orders")) == before
    return error


def test_all_is_as_it_was(shop: Any) -> None:
    before = rows(shop)
    shop.write(
        "r",
        "insert into orders values (3, 'Cid', 3, null), (4, 'Dan', 4, null)",
        "insert into lines values (31, 3, 1)",
        "update orders set customer = 'Eve', price = 9 where id in (1, 3)",
        "delete from orders where id in (2, 4)",
    )
    shop.write("r", "insert into parts values (1, 2, 'nut')", "update parts set id = id + 5")
    assert shop(UNDO, "r") == [
        (1, None, "public.lines", 1, 0, 1, 0),
        (2, None, "public.orders", 1, 1, 1, 0),
        (3, None, "public.parts", 2, 0, 1, 0),
    ]
    assert rows(shop) == before
    assert shop.status("r") == "COMPENSATED"
    assert shop(UNDO, "r")[1] == (2, None, "public.orders", 1, 1, 1, 0), "again: the same receipts"
    assert rows(shop) == before
    receipts = "select table_name, rows_deleted, rows_reverted, rows_reinserted from unwind.compensations"
    assert shop(receipts)[1] == ("public.orders", 1, 1, 1)


def test_a_run_that_changed_nothing_has_no_receipts(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x'", "update orders set customer = 'Ada' where id = 1")
    shop.write("r", "update orders set customer = 'Bob' where id = 2")
    assert shop(UNDO, "r") == []
    assert shop.status("r") == "COMPENSATED"


@pytest.mark.parametrize("call", [UNDO, "select * from unwind.compensate_runs(array[%s])"])
def test_what_somebody_else_has_changed_is_refused(shop: Any, call: str) -> None:
    shop.write("r", "update orders set customer = 'x'", "delete from parts", "insert into orders values (9)")
    shop.write("s", "update orders set price = 7 where id = 1")
    shop.conn.execute("insert into parts values (1, 1, 'new'); delete from orders where id = 2")
    error = refused(shop, call, "r", state="UW011")
    assert error.diag.table_name == "public.orders"
    assert error.diag.message_detail == (
        "public.orders (id=1): price, by run s; public.orders (id=2) is gone;"
        " public.parts (kind=1, id=1) is there again."
    )
    assert "compensate_runs('{s,r}')" in (error.diag.message_hint or "")


def test_many_conflicts_are_counted(shop: Any) -> None:
    shop.write("r", "insert into orders select n from generate_series(100, 149) as n")
    shop.conn.execute("update orders set customer = 'x' where id >= 100")
    error = refused(shop, UNDO, "r", state="UW011")
    assert error.diag.message_primary == "rows were changed by somebody else since: 50"
    assert (error.diag.message_detail or "").endswith("; and 30 more.")


def test_skipped_rows_stay_as_they_are(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x'")
    shop.conn.execute("update orders set price = 7 where id = 1")
    assert shop(SKIP, "r") == [(1, None, "public.orders", 0, 1, 0, 1)]
    assert shop("select customer, price::text from orders order by id") == [("x", "7"), ("Bob", "2.0")]
    assert shop.status("r") == "COMPENSATED"


def test_runs_that_only_inserted_into_the_same_table_are_undone_together(shop: Any) -> None:
    shop.write("r", "insert into lines values (31, 1, 1), (32, 1, 1)")
    shop.write("s", "insert into lines values (33, 2, 1)")
    undone = shop("select run_id, rows_deleted from unwind.compensate_runs('{r,s}') order by run_id")
    assert undone == [("r", 2), ("s", 1)]
    assert shop("select id from lines order by id") == [(11,), (12,), (21,)]


def test_a_skipped_row_is_handed_on_to_the_run_that_changed_it(shop: Any) -> None:
    before = rows(shop)
    shop.write("a", "update orders set customer = 'a' where id = 1")
    shop.write("b", "update orders set customer = 'b' where id = 1")
    shop.conn.execute(SKIP.replace("%s", "'a'").encode())
    assert shop("select customer from orders where id = 1") == [("b",)]
    shop.conn.execute(UNDO.replace("%s", "'b'").encode())
    assert rows(shop) == before, "and not what was written by a run that is undone"


@pytest.fixture
def prices(shop: Any) -> Any:
    """A captured table whose keys can be written in more than one way, with one row."""
    shop.conn.execute(
        "create table prices (id numeric primary key, of text); insert into prices values (2, 'a')"
    )
    shop.conn.execute("select unwind.capture_table('prices')")
    return shop


def test_a_row_whose_key_is_written_in_another_way_is_handed_on(prices: Any) -> None:
    prices.write("r", "update prices set id = 2.00, of = 'b'")
    prices.write("s", "update prices set of = 'c'")
    prices.conn.execute(SKIP, ["r"])
    prices.conn.execute(UNDO, ["s"])
    assert prices("select id::text, of from prices") == [("2", "a")]


def test_a_row_that_was_changed_in_between_is_not_handed_on_however_its_key_is_written(prices: Any) -> None:
    prices.conn.execute("delete from prices")
    prices.write("r", "insert into prices values (2, 'a')")
    prices.write("s", "update prices set of = 'b'")
    prices.write("r", "update prices set id = 2.00")
    prices.conn.execute(SKIP, ["r"])
    assert prices.refused(UNDO, "s").sqlstate == "UW011"
    assert prices("select id::text, of from prices") == [("2.00", "b")]


def test_runs_that_changed_the_same_row_are_undone_together(shop: Any) -> None:
    before = rows(shop)
    shop.write("a", "update orders set customer = 'a' where id = 1", "insert into parts values (1, 7, 'a')")
    shop.write(
        "b", "update orders set customer = 'b' where id = 1", "update parts set name = 'b' where id = 7"
    )
    shop.write("c", "delete from parts where id = 7")
    assert shop("select * from unwind.compensate_runs('{c,a,b}')") == [
        ("a", 0, 1, 0, 0),
        ("b", 0, 0, 0, 0),
        ("c", 0, 0, 0, 0),
    ]
    assert rows(shop) == before


@pytest.mark.parametrize("choice", ["overwrite", "", None, "REFUSE"])
def test_any_other_choice_is_refused(shop: Any, choice: str | None) -> None:
    shop.start("r")
    for call in ("compensate_run('r'", "compensate_runs('{r}'"):
        error = shop.refused(f"select * from unwind.{call}, on_conflict => %s::text)", choice)
        assert error.sqlstate == "UW009"


def test_force_is_about_completed_runs_and_claims_alone(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x' where id = 1")
    shop.conn.execute("select unwind.complete_run('r')")
    refused(shop, UNDO, "r", state="UW005")
    shop.conn.execute("update orders set price = 7 where id = 1")
    refused(shop, "select * from unwind.compensate_run(%s, force => true)", "r", state="UW011")


# Foreign keys ------------------------------------------------------------------------------------


def test_rows_come_back_and_go_whatever_the_order_of_their_foreign_keys(shop: Any) -> None:
    shop.conn.execute(
        "create table hens (id int primary key, egg int);"
        "create table eggs (id int primary key, hen int references hens);"
        "alter table hens add foreign key (egg) references eggs;"
        "create table tree (id int primary key, up int references tree);"
        "insert into hens values (1, null); insert into eggs values (1, 1);"
        "update hens set egg = 1; insert into tree values (1, 1), (2, 1), (3, 2);"
        "select unwind.capture_table('hens', 'eggs', 'tree')"
    )
    before = rows(shop, "hens", "eggs", "tree")
    shop.write(
        "r",
        "update hens set egg = null",
        "delete from eggs",
        "delete from hens",
        "insert into hens values (2)",
        "insert into eggs values (2, 2)",
        "update hens set egg = 2",
        "delete from tree",
        "insert into tree values (7, 7), (8, 7)",
    )
    shop.conn.execute(UNDO.replace("%s", "'r'").encode())
    assert rows(shop, "hens", "eggs", "tree") == before


@pytest.mark.parametrize("action", ["no action", "restrict", "cascade", "set null", "set default"])
@pytest.mark.parametrize("captured", [True, False])
def test_rows_of_others_that_refer_to_what_would_go_are_in_the_way(
    shop: Any, action: str, captured: bool
) -> None:
    link = f"alter table refs add foreign key (f) references orders on delete {action}".encode()
    if captured:
        shop.conn.execute("create table refs (id int primary key, f int default 1)")
        shop.conn.execute(link)
        shop.conn.execute("select unwind.capture_table('refs')")
    shop.write("r", "insert into orders values (9)")
    if not captured:
        shop.conn.execute("create table refs (id int primary key, f int default 1)")
        shop.conn.execute(link)
    shop.conn.execute("insert into refs values (1, 9)")
    error = refused(shop, UNDO, "r", state="UW007")
    assert error.diag.table_name == "public.refs"
    assert shop("select * from refs") == [(1, 9)]
    for call in (SKIP,):
        refused(shop, call, "r", state="UW007")


def test_rows_that_refer_to_what_was_recorded_and_captured_are_named_with_their_runs(shop: Any) -> None:
    shop.conn.execute("""
        create table refs (id int primary key, f int references orders); create index on refs (f);
        select unwind.define_step('w', 'order', 'orders', 'id');
    """)
    recorded = ("select unwind.record_step('r', 'order', '9')", "insert into orders values (9)")
    shop.write("r", *recorded)
    shop.conn.execute("insert into refs values (1, 9)")
    error = refused(shop, UNDO, "r", state="UW007")
    assert (error.diag.message_detail or "").splitlines()[0] == "Rows that are in the way: (id, f)=(1, 9)."
    assert "[23503]" in (error.diag.message_detail or "")
    assert "To see all: select * from unwind.preview_run('r');" in (error.diag.message_hint or "")
    assert error.diag.table_name == "public.refs"


def test_a_row_that_comes_back_needs_its_parent(shop: Any) -> None:
    shop.write("r", "delete from lines where id = 21")
    shop.conn.execute("delete from orders where id = 2")
    refused(shop, UNDO, "r", state="UW014")


def test_a_row_that_comes_back_is_not_taken_along_by_one_that_goes(shop: Any) -> None:
    shop.write("r", "delete from lines where id = 21")
    shop.conn.execute("delete from orders where id = 2")
    shop.write("r", "insert into orders values (2, 'another')")
    error = refused(shop, UNDO, "r", state="UW014")
    assert error.diag.table_name == "public.lines"


def test_a_deferred_constraint_speaks_at_once(shop: Any) -> None:
    shop.conn.execute(
        "create table refs (id int primary key, f int references orders deferrable initially deferred);"
        "select unwind.capture_table('refs'); insert into refs values (1, 1)"
    )
    shop.write("r", "insert into orders values (9)", "update refs set f = 9")
    shop.conn.execute("insert into refs values (2, 9)")
    refused(shop, UNDO, "r", state="UW007")
    shop.conn.execute("delete from refs where id = 2")
    shop.conn.execute(UNDO.replace("%s", "'r'").encode())
    assert shop("select * from refs") == [(1, 1)]


# Unique values -----------------------------------------------------------------------------------

PLACES = """
create table places (id int primary key, place int unique);
insert into places values (1, 1), (2, 2), (3, 3);
select unwind.capture_table('places')
"""


def test_unique_values_that_changed_places_change_back(shop: Any) -> None:
    shop.conn.execute(PLACES)
    shop.write("r", "update places set place = -place", "update places set place = 1 + id % 3")
    assert shop(UNDO, "r") == [(1, None, "public.places", 0, 3, 0, 0)]
    assert shop("select * from places order by id") == [(1, 1), (2, 2), (3, 3)]


def test_not_where_rows_would_follow_those_that_go(shop: Any) -> None:
    shop.conn.execute(PLACES)
    shop.conn.execute(
        "create table guests (id int primary key, place int references places on delete cascade);"
        "select unwind.capture_table('guests')"
    )
    shop.write("r", "update places set place = -place", "update places set place = 1 + id % 3")
    shop.conn.execute("insert into guests values (1, 1)")
    refused(shop, UNDO, "r", state="UW014")


def test_a_unique_value_that_is_somebody_elses_now(shop: Any) -> None:
    shop.conn.execute(PLACES)
    shop.write("r", "update places set place = 4 where id = 1")
    shop.conn.execute("insert into places values (5, 1)")
    error = refused(shop, UNDO, "r", state="UW014")
    assert error.diag.constraint_name == "places_place_key"


# Triggers ----------------------------------------------------------------------------------------

TRIGGER = """
create function act() returns trigger language plpgsql as $$ begin {} end $$;
create trigger act {} on orders for each row {} execute function act()
"""


@pytest.mark.parametrize(
    ("body", "when", "by_the_run", "state"),
    [
        ("new.price := 99; return new;", "before update", "update orders set customer = 'x'", "UW014"),
        ("new.price := 99; return new;", "before insert", "delete from orders where id = 2", "UW014"),
        ("return null;", "before update", "update orders set customer = 'x'", "UW014"),
        ("return null;", "before insert", "delete from orders where id = 2", "UW014"),
        ("return null;", "before delete", "insert into orders values (9)", "UW007"),
        ("raise 'no';", "before delete", "insert into orders values (9)", "UW014"),
        (
            "update orders set price = 99 where id = new.id; return null;",
            "after insert",
            "delete from orders where id = 2",
            "UW014",
        ),
        ("raise 'no' using errcode = 'ZZ001';", "after update", "update orders set customer = 'x'", "ZZ001"),
    ],
)
def test_a_trigger_that_keeps_a_row_from_coming_back(
    shop: Any, body: str, when: str, by_the_run: str, state: str
) -> None:
    shop.write("r", by_the_run)
    shop.conn.execute(TRIGGER.format(body, when, "").encode())
    before = rows(shop)
    error = shop.refused(UNDO, "r")
    assert error.sqlstate == state, error
    assert rows(shop) == before
    shop.conn.execute("drop trigger act on orders")
    aside = "when (current_setting('unwind.undoing', true) is distinct from 'on')"
    shop.conn.execute(
        TRIGGER.format(body, when, aside).replace("create function", "create or replace function").encode()
    )
    shop.conn.execute(UNDO.replace("%s", "'r'").encode())
    assert shop.status("r") == "COMPENSATED"


def test_an_audit_trigger_does_not_disturb(shop: Any) -> None:
    shop.conn.execute("create table audit (at timestamptz default now(), id int, who text)")
    shop.write("r", "update orders set customer = 'x'", "insert into orders values (9)")
    body = "insert into audit (id, who) values (coalesce(new.id, old.id), current_user); return null;"
    shop.conn.execute(TRIGGER.format(body, "after insert or update or delete", "").encode())
    before = shop("select session_user::text")[0]
    shop.conn.execute(UNDO.replace("%s", "'r'").encode())
    assert shop("select distinct who from audit") == [before]
    assert shop.count("audit") == 3


def test_the_undo_is_nobodys_change(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x' where id = 1")
    with shop.inside("other") as conn:
        conn.execute(UNDO.replace("%s", "'r'").encode())
        conn.execute("update orders set price = 8 where id = 2")
    found = (
        'select distinct r.id, l.id from unwind_captured."public.orders" as l join unwind.workflow_runs as r'
    )
    assert sorted(shop(f'{found} on r.number = l."~run"')) == [("other", 2), ("r", 1)]


# Altered tables ----------------------------------------------------------------------------------


def test_a_column_added_since_is_left_as_it_is_or_gets_its_default(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x' where id = 1", "delete from orders where id = 2")
    shop.conn.execute(
        "alter table orders add at timestamptz default '2024-01-01+00';"
        "alter table orders add no int generated always as identity;"
        "update orders set at = '2025-01-01+00'"
    )
    shop.conn.execute(UNDO.replace("%s", "'r'").encode())
    assert shop("select id, customer, extract(year from at)::int from orders order by id") == [
        (1, "Ada", 2025),
        (2, "Bob", 2024),
    ]


def test_a_renamed_column_comes_back_under_its_new_name(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x'", "delete from orders where id = 2")
    shop.conn.execute("alter table orders rename customer to buyer; alter table orders drop note")
    shop.conn.execute(UNDO.replace("%s", "'r'").encode())
    assert shop("select * from orders order by id") == [(1, "Ada", 1.50), (2, "Bob", 2.0)]


def test_after_a_change_of_type_it_is_refused(shop: Any) -> None:
    shop.write("r", "update orders set price = 5 where id = 1")
    shop.conn.execute("alter table orders alter price type float8")
    refused(shop, UNDO, "r", state="UW011")


# Recorded keys beside ----------------------------------------------------------------------------

STEPS = """
select unwind.define_step('w', 'order', 'orders', 'id'), unwind.define_step('w', 'free', 'free', 'id');
select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'restrict')
"""


def test_recorded_keys_and_images_in_one_run(shop: Any) -> None:
    shop.conn.execute(STEPS)
    before = rows(shop, *TABLES, "free")
    shop.start("r")
    shop.conn.execute("select unwind.record_step('r', 'order', '9'), unwind.record_step('r', 'free', '7')")
    shop.conn.execute("insert into free values (7)")
    shop.write("r", "insert into orders values (9)", "update orders set customer = 'x' where id = 1")
    assert shop(UNDO, "r") == [
        (1, "free", "public.free", 1, 0, 0, 0),
        (2, "order", "public.orders", 1, 0, 0, 0),
        (3, None, "public.orders", 0, 1, 0, 0),
    ]
    assert rows(shop, *TABLES, "free") == before


def test_what_only_images_know_may_refer_to_what_was_recorded(shop: Any) -> None:
    shop.conn.execute(STEPS)
    before = rows(shop)
    shop.start("r")
    shop.conn.execute("select unwind.record_step('r', 'order', '9')")
    shop.write("r", "insert into orders values (9)", "insert into lines values (91, 9, 1)")
    assert shop(UNDO, "r") == [
        (1, None, "public.lines", 1, 0, 0, 0),
        (2, None, "public.orders", 1, 0, 0, 0),
    ]
    assert rows(shop) == before


def test_a_recorded_key_whose_row_was_there_anchors_nothing(shop: Any) -> None:
    shop.conn.execute(STEPS)
    before = rows(shop)
    shop.start("r")
    shop.conn.execute("select unwind.adopt_entity('r', 'order', '1')")
    shop.write("r", "update orders set customer = 'x' where id = 1", "delete from lines where order_id = 1")
    assert shop(UNDO, "r") == [
        (1, None, "public.lines", 0, 0, 2, 0),
        (2, None, "public.orders", 0, 1, 0, 0),
    ]
    assert rows(shop) == before
    assert shop("select * from unwind.verify_run('r')") == []


@pytest.mark.parametrize("run", ["r", "both"])
def test_max_rows_counts_all_of_it(shop: Any, run: str) -> None:
    shop.conn.execute(STEPS)
    shop.start("r")
    shop.conn.execute("select unwind.record_step('r', 'free', '7'); insert into free values (7)")
    shop.write("r", "update orders set customer = 'x'", "insert into parts values (1, 7, 'nut')")
    call = "select * from unwind.compensate_run(%s, max_rows => {})"
    refused(shop, call.format(3), "r", state="UW019")
    assert len(shop(call.format(4), "r")) == 3


# Missing images ----------------------------------------------------------------------------------


def test_a_run_whose_images_were_dropped_cannot_be_undone(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x'")
    shop.write("s", "insert into parts values (1, 7, 'nut')")
    shop.conn.execute("select unwind.complete_run('r'), unwind.complete_run('s')")
    shop.conn.execute("select unwind.uncapture_table('orders', 'lines')")
    for call in ("compensate_run('r', true)", "compensate_runs('{s,r}', true)"):
        error = shop.refused(f"select * from unwind.{call}")
        assert error.sqlstate == "UW018"
        assert error.diag.message_detail and error.diag.message_hint
    assert shop("select * from unwind.compensate_run('s', true)") == [(1, None, "public.parts", 1, 0, 0, 0)]


# Rights ------------------------------------------------------------------------------------------


@pytest.fixture
def role(shop: Any) -> Any:
    """An application."""
    name = f"app_{shop.conn.info.dbname}"
    shop.conn.execute(f'create role "{name}"'.encode())
    shop.conn.execute("select unwind_internal.grant_access(%s, 'application')", [name])
    shop.conn.execute(f'grant select, insert, update, delete on orders, lines, parts to "{name}"'.encode())
    yield name
    shop.conn.execute(f'reset role; drop owned by "{name}"; drop role "{name}"'.encode())


def test_an_application_undoes_its_run_with_its_own_rights(shop: Any, role: str) -> None:
    shop.conn.execute(f'set role "{role}"'.encode())
    shop.write("r", "update orders set customer = 'x'", "delete from orders where id = 2")
    shop.write("s", "update orders set customer = 'y'")
    before = rows(shop)
    shop.conn.execute("reset role")
    shop.conn.execute(f'revoke insert on orders from "{role}"'.encode())
    shop.conn.execute(f'set role "{role}"'.encode())
    assert shop.refused(SKIP, "r").sqlstate == "42501"
    shop.conn.execute("reset role")
    shop.conn.execute(f'grant insert on orders to "{role}"; revoke select on orders from "{role}"'.encode())
    shop.conn.execute(f'set role "{role}"'.encode())
    assert shop.refused(SKIP, "r").sqlstate == "42501"
    shop.conn.execute("reset role")
    assert rows(shop) == before
    shop.conn.execute(f'grant select on orders to "{role}"'.encode())
    shop.conn.execute(f'set role "{role}"'.encode())
    assert shop(SKIP, "r") == [
        (1, None, "public.lines", 0, 0, 1, 0),
        (2, None, "public.orders", 0, 0, 1, 1),
    ]
    shop.conn.execute(UNDO.replace("%s", "'s'").encode())
    assert shop("select customer from orders order by id") == [("Ada",), ("Bob",)]


def test_a_policy_that_would_hide_rows_refuses(shop: Any, role: str) -> None:
    shop.conn.execute(f'set role "{role}"'.encode())
    shop.write("r", "update orders set customer = 'x' where id = 1")
    shop.conn.execute("reset role; alter table orders enable row level security")
    shop.conn.execute(f'set role "{role}"'.encode())
    assert shop.refused(UNDO, "r").sqlstate == "42501"


# At once -----------------------------------------------------------------------------------------


def test_an_undo_waits_for_who_is_changing_a_row_and_sees_it(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    shop.write("r", "update orders set customer = 'x'")
    writer, undoer = connect(autocommit=False), connect()
    writer.execute("update orders set price = 7 where id = 2")
    undo = in_background(undoer.execute, UNDO.replace("%s", "'r'"))
    wait_until_blocked(undoer)
    writer.commit()
    with pytest.raises(psycopg.Error) as error:
        undo.result()
    assert error.value.sqlstate == "UW011"


def test_whoever_writes_after_an_undo_has_begun_waits_for_it(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    shop.write("r", "update orders set customer = 'x'")
    undoer, writer = connect(autocommit=False), connect()
    undoer.execute(UNDO.replace("%s", "'r'"))
    write = in_background(writer.execute, "update orders set price = 7 where id = 2")
    wait_until_blocked(writer)
    undoer.commit()
    write.result()
    assert shop("select customer, price from orders where id = 2") == [("Bob", 7)]
