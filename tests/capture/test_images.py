"""What a run inserts, updates and deletes in captured tables is kept, in its transaction; nothing else is."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest


def test_a_statement_leaves_what_it_found_and_what_it_left(shop: Any) -> None:
    shop.write(
        "r",
        "insert into orders values (3, 'Cid', 3, null), (4, 'Dan', 4, null)",
        "update orders set customer = 'Eve' where id in (1, 3)",
        "delete from orders where id in (2, 4)",
    )
    assert shop.images("orders", "id, customer") == [
        (-1, 1, "Eve"),
        (-1, 3, "Cid"),
        (-1, 3, "Eve"),
        (-1, 4, "Dan"),
        (1, 1, "Ada"),
        (1, 2, "Bob"),
        (1, 3, "Cid"),
        (1, 4, "Dan"),
    ]
    assert shop.images("lines", "id, order_id") == [(1, 21, 2)], "what cascades is the run's too"


def test_each_image_names_its_run(shop: Any) -> None:
    shop.write("a", "update orders set customer = 'A' where id = 1")
    shop.write("b", "update orders set customer = 'B' where id = 1")
    named = 'select r.id, l."~sign", l.customer from unwind_captured."public.orders" as l join'
    assert sorted(shop(f'{named} unwind.workflow_runs as r on r.number = l."~run"')) == [
        ("a", -1, "A"),
        ("a", 1, "Ada"),
        ("b", -1, "B"),
        ("b", 1, "A"),
    ]


def test_nothing_is_kept_outside_a_run(shop: Any) -> None:
    shop.conn.execute(
        "update orders set customer = 'x'; delete from lines; insert into parts values (1, 2, 'nut')"
    )
    assert [shop.images(table) for table in ("orders", "lines", "parts")] == [[], [], []]


def test_images_go_with_their_transaction(shop: Any) -> None:
    shop.start("r")
    with shop.conn.transaction(force_rollback=True):
        shop.conn.execute("select unwind.enter_run('r')")
        shop.conn.execute("update orders set customer = 'x'")
    with shop.inside("r") as conn:
        with conn.transaction(force_rollback=True):
            conn.execute("update orders set customer = 'x'")
        conn.execute("update orders set customer = 'y' where id = 1")
    assert shop.images("orders", "id, customer") == [(-1, 1, "y"), (1, 1, "Ada")]
    shop.conn.execute("update orders set customer = 'z' where id = 2")
    assert len(shop.images("orders")) == 2, "the next transaction is nobody's"


@pytest.mark.parametrize(
    "statement",
    [
        "insert into orders values (1, 'Eve') on conflict (id) do update set customer = excluded.customer",
        "merge into orders as o using (values (1)) as v (id) on o.id = v.id"
        " when matched then update set customer = 'Eve'",
        "with u as (update orders set customer = 'Eve' where id = 1 returning id) select from u",
        "do $$ begin update orders set customer = 'Eve' where id = 1; end $$",
    ],
)
def test_whatever_writes(shop: Any, statement: str) -> None:
    shop.write("r", statement)
    assert shop.images("orders", "id, customer") == [(-1, 1, "Eve"), (1, 1, "Ada")]


def test_copy(shop: Any) -> None:
    with shop.inside("r") as conn, conn.cursor().copy("copy orders (id, customer) from stdin") as copy:
        copy.write_row((5, "Eve"))
    assert shop.images("orders", "id, customer") == [(-1, 5, "Eve")]


def test_values_are_kept_as_they_are(shop: Any) -> None:
    shop.write(
        "r", "update orders set price = 1.5 where id = 1", "update orders set note = '{\"a\":1}' where id = 1"
    )
    assert shop.images("orders", "price::text, note::text") == [
        (-1, "1.5", '{"a": 1}'),
        (-1, "1.5", '{"a":1}'),
        (1, "1.5", '{"a": 1}'),
        (1, "1.50", '{"a": 1}'),
    ]


def test_a_partitioned_table_is_captured_wherever_its_rows_lie(shop: Any) -> None:
    shop.conn.execute(
        "create table late (name text, id int not null, kind int not null, primary key (kind, id));"
        "alter table parts attach partition late for values in (2);"
        "create table parts_3 partition of parts for values in (3)"
    )
    shop.write(
        "r",
        "insert into late values ('nut', 2, 2)",
        "insert into parts values (3, 3, 'bolt')",
        "update parts set kind = 2 where kind = 1",
        "delete from parts_3",
    )
    assert shop.images("parts", "kind, id, name") == [
        (-1, 2, 1, "screw"),
        (-1, 2, 2, "nut"),
        (-1, 3, 3, "bolt"),
        (1, 1, 1, "screw"),
        (1, 3, 3, "bolt"),
    ]


def test_columns_of_any_name(shop: Any) -> None:
    name = "n" * 63
    shop.conn.execute(
        f'create schema "odd ""s"; create table "odd ""s"."Odd \'t" (run int, sign int, shape int, r text,'
        f' v_run text, old text, new text, "%s" text, "{name}" text, "Odd "" id" int primary key)'
    )
    shop.conn.execute("""select unwind.capture_table('"odd ""s"."Odd ''t"')""")
    shop.write("r", """insert into "odd ""s"."Odd 't" values (7, 8, 9, 'r', 'v', 'o', 'n', 'p', 'l', 1)""")
    log = """unwind_captured."odd ""s.Odd 't" """
    assert shop(f'select "~sign", run, sign, shape, r, v_run, old, new, "{name}" from {log}') == [
        (-1, 7, 8, 9, "r", "v", "o", "n", "l")
    ]


def test_generated_columns_are_made_anew_and_not_kept(shop: Any) -> None:
    shop.conn.execute(
        "create table g (id int primary key, twice int generated always as (id * 2) stored);"
        "select unwind.capture_table('g')"
    )
    shop.write("r", "insert into g values (4)")
    assert shop.images("g") == [(-1, 1, -1, 1, None, 4)]


def test_a_domains_constraint_says_nothing_of_images(shop: Any) -> None:
    shop.conn.execute(
        "create domain short as varchar(3) not null check (value <> 'no');"
        "create table d (id int primary key, s short); select unwind.capture_table('d')"
    )
    shop.write("r", "insert into d values (1, 'yes')", "delete from d")
    shop.conn.execute("alter domain short add check (value <> 'yes')")
    assert shop.images("d", "s") == [(-1, "yes"), (1, "yes")]


def test_a_replica_captures_too(shop: Any) -> None:
    shop.conn.execute("create table parts_4 partition of parts for values in (4)")
    with shop.inside("r") as conn:
        conn.execute("set local session_replication_role = replica")
        conn.execute("insert into orders values (7); insert into parts values (4, 4, 'pin')")
    assert shop.images("orders", "id") == [(-1, 7)]
    assert shop.images("parts", "id") == [(-1, 4)]


@pytest.mark.parametrize("table", ["orders, lines", "parts", "parts_1", "lines"])
def test_truncate_is_refused_inside_a_run_alone(shop: Any, table: str) -> None:
    with pytest.raises(psycopg.errors.FeatureNotSupported) as refused:
        shop.write("r", f"truncate {table}")
    assert refused.value.diag.message_hint
    shop.conn.execute(f"truncate {table}".encode())


def test_an_application_needs_no_right_on_the_images(shop: Any) -> None:
    role = f"app_{shop.conn.info.dbname}"
    shop.conn.execute(f'create role "{role}"; grant all on orders to "{role}"'.encode())
    shop.conn.execute("select unwind_internal.grant_access(%s, 'application')", [role])
    try:
        shop.conn.execute(f'set role "{role}"'.encode())
        shop.write("r", "insert into orders values (9)")
        error = shop.refused('select from unwind_captured."public.orders"')
        assert error.sqlstate == "42501"
        shop.conn.execute("reset role")
        assert shop.images("orders", "id") == [(-1, 9)]
    finally:
        shop.conn.execute(f'reset role; drop owned by "{role}"; drop role "{role}"'.encode())


def test_who_may_read_images_is_asked_without_a_look_into_another_table(shop: Any) -> None:
    plan = shop('explain select from unwind_captured."images of public.orders"')
    assert "One-Time Filter" in str(plan)
    assert "captured_tables" not in str(plan)
