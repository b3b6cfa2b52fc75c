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
