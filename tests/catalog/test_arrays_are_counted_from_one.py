"""An array whose bounds or dimensions are unusual means its elements in their order."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
import pytest

Connection = psycopg.Connection[Any]


@pytest.fixture
def shop(conn: Connection) -> Connection:
    conn.execute(
        """
        create table orders (shop text, id text, primary key (shop, id));
        create table lines (n int primary key, shop text, order_id text);
        select unwind.define_workflow('w');
        """
    )
    return conn


def plans(conn: Connection) -> list[tuple[Any, ...]]:
    query: LiteralString = (
        "select ordinal, action, target, way_columns, anchor_columns, columns from unwind.plan_statements"
    )
    return conn.execute(query).fetchall()


@pytest.mark.parametrize("key", ["[0:1]={a,1}", "[7:8]={a,1}", "{{a,1}}", "{{a},{1}}", "[3:3][-1:0]={{a,1}}"])
@pytest.mark.parametrize("columns", ["{shop,id}", "[0:1]={shop,id}", "{{shop},{id}}"])
def test_a_key_finds_its_row(shop: Connection, key: str, columns: str) -> None:
    shop.execute("select unwind.define_step('w', 's', 'orders', variadic %s::text[])", [columns])
    shop.execute("select unwind.start_run('w', 'r')")
    shop.execute("select unwind.record_step('r', 's', variadic %s::text[])", [key])
    shop.execute("insert into orders values ('a', '1'), ('b', '2')")
    assert shop.execute("select entity_key from unwind.run_steps").fetchall() == [(["a", "1"],)]
    assert shop.execute("select entity_key from unwind.entity_owners").fetchall() == [(["a", "1"],)]
    shop.execute("select * from unwind.compensate_run('r')")
    assert shop.execute("select id from orders").fetchall() == [("2",)]


def test_written_otherwise_it_is_the_same_entity(shop: Connection) -> None:
    shop.execute("select unwind.define_step('w', 's', 'orders', 'shop', 'id')")
    shop.execute("select unwind.start_run('w', 'r'), unwind.start_run('w', 'q')")
    shop.execute("select unwind.record_step('r', 's', 'a', '1')")
    shop.execute("select unwind.record_step('r', 's', variadic '[0:1]={a,1}')")
    assert shop.execute("select count(*) from unwind.run_steps").fetchone() == (1,)
    with pytest.raises(psycopg.Error) as refused:
        shop.execute("select unwind.record_step('q', 's', variadic '[0:1]={a,1}')")
    assert refused.value.sqlstate == "UW004"


def test_a_custom_steps_key_too(shop: Connection) -> None:
    shop.execute(
        """
        create function undo_mail(run_ids text[])
        returns table(run_id text, table_name text, rows_deleted bigint)
        language sql as $$ select r, 'mail', 0::bigint from unnest(run_ids) as r $$;
        select unwind.define_custom_step('w', 'mail', 'undo_mail(text[])');
        select unwind.start_run('w', 'r'), unwind.record_step('r', 'mail', variadic '[5:6]={x,y}');
        """
    )
    assert shop.execute("select entity_key from unwind.run_steps").fetchall() == [(["x", "y"],)]


@pytest.mark.parametrize("columns", ["[0:1]={shop,order_id}", "{{shop,order_id}}"])
def test_a_links_columns_are_those_of_the_same_link(shop: Connection, columns: str) -> None:
    link: LiteralString = "select unwind.{}('lines', %s, 'orders', %s)"
    parent = columns.replace("order_id", "id")
    shop.execute("select unwind.define_step('w', 's', 'orders', 'shop', 'id')")
    shop.execute(link.format("declare_foreign_key").encode(), ["{shop,order_id}", "{shop,id}"])
    planned = plans(shop)
    shop.execute(link.format("declare_foreign_key").encode(), [columns, parent])
    assert shop.execute("select count(*) from unwind.logical_foreign_keys").fetchone() == (1,)
    assert plans(shop) == planned
    shop.execute(link.format("drop_foreign_key").encode(), [columns, parent])
    assert shop.execute("select count(*) from unwind.logical_foreign_keys").fetchone() == (0,)


@pytest.mark.parametrize("runs", ["[0:0]={r}", "[0:1]={r,q}", "{{r},{q}}", "[4:5]={q,r}"])
def test_runs_to_undo(shop: Connection, runs: str) -> None:
    shop.execute("select unwind.define_step('w', 's', 'orders', 'shop', 'id')")
    shop.execute("select unwind.start_run('w', 'r'), unwind.start_run('w', 'q')")
    shop.execute("select unwind.record_step('r', 's', 'a', '1')")
    shop.execute("insert into orders values ('a', '1')")
    undone = shop.execute("select run_id, rows_deleted from unwind.compensate_runs(%s)", [runs]).fetchall()
    assert ("r", 1) in undone
    assert shop.execute("select run_id, rows_deleted from unwind.compensations").fetchall() == [("r", 1)]


def test_a_suggestions_key(shop: Connection) -> None:
    plain = shop.execute("select unwind.suggest_workflow('orders', 'id', 'shop')").fetchall()
    odd = shop.execute("select unwind.suggest_workflow('orders', variadic '[0:1]={id,shop}')").fetchall()
    assert odd == plain
