"""Rule 2: only rows of keys that the run recorded go, and what cascades from them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest


def test_look_alike_rows_of_others_stay(shop: Any) -> None:
    shop.start("r")
    shop.order("r", "o1")
    for key in ("o", "o10", "O1", "o1 ", "o%", "o_"):
        shop.conn.execute("insert into orders values (%s, 'Ada')", [key])
        shop.conn.execute("insert into lines values (%s || '-line', %s)", [key, key])
    shop.conn.execute("insert into lines values ('loose', null)")
    kept = shop.rows("select * from orders where id <> 'o1' order by id")
    shop.conn.execute("select * from unwind.compensate_run('r')")
    assert shop.rows("select * from orders order by id") == kept
    assert shop.rows("select count(*) from lines") == [(7,)]


def test_a_key_that_was_not_recorded_is_not_touched(shop: Any) -> None:
    shop.whole_run("r")
    shop.conn.execute("insert into orders values ('unrecorded', 'made by the same worker')")
    shop.conn.execute("select * from unwind.compensate_run('r')")
    assert shop.rows("select id from orders") == [("unrecorded",)]


def test_each_of_several_runs_undone_at_once_loses_only_its_own(shop: Any) -> None:
    for run in ("a", "b", "c", "d"):
        shop.whole_run(run)
    shop.conn.execute("select * from unwind.compensate_runs(array['a', 'c'])")
    assert shop.rows("select id from payments order by id") == [("p-b",), ("p-d",)]
    assert shop.rows(
        "select run_id, table_name, rows_deleted from unwind.compensations order by run_id, ordinal"
    ) == [
        (run, table, count)
        for run in ("a", "c")
        for table, count in (("public.payments", 1), ("public.lines", 2), ("public.orders", 1))
    ]


def test_cascade_links_do_not_lead_into_another_runs_entity(conn: psycopg.Connection[Any]) -> None:
    conn.execute("""
        create table briefs (id text primary key);
        create table strategies (id text primary key, brief_id text references briefs on delete cascade);
        select unwind.define_workflow('w');
        select unwind.define_step('w', 'brief', 'briefs', 'id');
        select unwind.define_step('w', 'strategy', 'strategies', 'id');
        select unwind.start_run('w', 'mine'), unwind.start_run('w', 'theirs');
        select unwind.record_step('mine', 'brief', 'b'), unwind.record_step('theirs', 'strategy', 's');
        insert into briefs values ('b');
        insert into strategies values ('s', 'b');
        select unwind.complete_run('theirs');
    """)
    with pytest.raises(psycopg.Error, match=r"strategies.*'theirs'") as refused:
        conn.execute("select * from unwind.compensate_run('mine')")
    assert refused.value.sqlstate == "UW007"
    assert conn.execute("select count(*) from strategies").fetchall() == [(1,)]
    conn.execute("select * from unwind.compensate_runs(array['mine', 'theirs'], force => true)")
    assert conn.execute("select run_id, table_name from unwind.compensations order by 1").fetchall() == [
        ("mine", "public.briefs"),
        ("theirs", "public.strategies"),
    ]


WORLD = """
create table customers (id text primary key);
create table orders (id int primary key, customer text references customers, note text);
create table lines (id bigint primary key, order_id int references orders on delete cascade);
create table labels (line_id bigint, colour text);
create table stock (shop text, number int, customer text, primary key (shop, number));
create table reviews (id int primary key, order_id int references orders on delete set null);
create index on lines (order_id);
create index on labels (line_id);
create index on reviews (order_id);
select unwind.define_workflow('w');
select unwind.define_step('w', 'order', 'orders', 'id');
select unwind.define_step('w', 'reserve', 'stock', 'shop', 'number');
select unwind.declare_foreign_key('labels', '{line_id}', 'lines', '{id}');
select unwind.declare_foreign_key('stock', '{customer}', 'customers', '{id}', 'restrict');
insert into customers select chr(64 + n) from generate_series(1, 5) as n;
insert into orders select n, chr(65 + n % 5), 'kept' from generate_series(1, 300) as n where n not in (7, 70);
insert into lines select n * 10 + m, n from generate_series(1, 300) as n, generate_series(0, 2) as m
where n not in (7, 70);
insert into labels select l.id, c from lines as l, unnest(array['red', 'blue']) as c;
insert into labels values (null, 'loose'), (77, 'of no line');
insert into stock select s, n, 'A'
from unnest(array['north', 'south', 'North ']) as s, generate_series(1, 9) as n
where (s, n) <> ('north', 7);
insert into reviews select n, n from generate_series(1, 300, 7) as n where n not in (7, 70);
"""
ONE_RUN = """
select unwind.start_run('w', 'r');
select unwind.record_step('r', 'order', '7'), unwind.record_step('r', 'order', '0070');
select unwind.record_step('r', 'reserve', 'north', '7');
insert into orders values (7, 'A', 'goes'), (70, 'A', 'goes');
insert into lines values (7000, 7), (7001, 7), (7002, 70);
insert into labels select id, 'red' from lines where order_id in (7, 70);
insert into stock values ('north', 7, 'A');
"""


@pytest.mark.parametrize("call", ["compensate_run('r')", "compensate_runs(array['r'])"])
def test_every_table_is_what_it_was_before_the_run_to_the_last_column(
    conn: psycopg.Connection[Any], call: str
) -> None:
    def checksums() -> list[Any]:
        return [
            conn.execute(
                f"select count(*), md5(string_agg(t::text, ';' order by t::text)) from {table} as t".encode()
            ).fetchone()
            for table in ("customers", "orders", "lines", "labels", "stock", "reviews")
        ]

    conn.execute(WORLD)
    before = checksums()
    conn.execute(ONE_RUN)
    assert checksums() != before
    receipts = conn.execute(f"select * from unwind.{call}".encode()).fetchall()
    assert checksums() == before
    assert receipts == [("r", 9)] or sum(row[3] for row in receipts) == 9
