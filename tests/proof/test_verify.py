"""verify_run looks again for rows of a run, whatever its status says."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]


def left(conn: Connection, run: str = "r") -> dict[str, int]:
    return dict(conn.execute("select * from unwind.verify_run(%s)", [run]).fetchall())


def test_before_the_undo_every_row_is_left(run: Connection) -> None:
    assert left(run) == {"public.payments": 1, "public.notes": 5, "public.lines": 3, "public.orders": 2}


def test_after_it_none_is(run: Connection) -> None:
    run.execute("select * from unwind.compensate_run('r')")
    assert left(run) == {}


def test_rows_that_come_after_the_undo_are_found_by_the_keys_recorded(run: Connection) -> None:
    run.execute("select * from unwind.compensate_run('r')")
    run.execute("insert into orders values (1, null), (7, 1)")
    run.execute("insert into lines values (7, 7)")
    assert left(run) == {"public.orders": 2, "public.lines": 1}


def test_children_that_link_to_the_recorded_key_are_found_without_their_parent(shop: Connection) -> None:
    shop.execute("create table bills (id int primary key); create table items (id int, bill_id int)")
    shop.execute("select unwind.define_step('w', 'bill', 'bills', 'id')")
    shop.execute("select unwind.declare_foreign_key('items', '{bill_id}', 'bills', '{id}')")
    shop.execute("select unwind.start_run('w', 'r'), unwind.record_step('r', 'bill', '1')")
    shop.execute("select * from unwind.compensate_run('r')")
    shop.execute("insert into items values (1, 1), (2, 2)")
    assert left(shop) == {"public.items": 1}


def test_keys_that_a_later_run_owns_are_not_its_leftovers(run: Connection) -> None:
    run.execute("select * from unwind.compensate_run('r')")
    run.execute("select unwind.start_run('w', 'again'), unwind.record_step('again', 'order', '1')")
    run.execute("insert into orders values (1, null)")
    assert left(run) == {}
    assert left(run, "again") == {"public.orders": 1}
    run.execute("insert into payments values ('p1', null)")
    assert left(run) == {"public.payments": 1}


def test_it_may_run_in_a_read_only_transaction(run: Connection) -> None:
    with run.transaction():
        run.execute("set transaction read only")
        assert left(run)


def test_an_unknown_run_is_not_found(shop: Connection) -> None:
    with pytest.raises(psycopg.Error) as refused:
        left(shop, "nobody")
    assert refused.value.sqlstate == "UW001"
