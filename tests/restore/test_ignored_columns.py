"""Columns that say nothing of whether somebody has changed a row (ignore_columns)."""

from __future__ import annotations

from typing import Any

import pytest

STAMP = """
alter table orders add stamped int not null default 0;
create function stamp() returns trigger language plpgsql as $$
begin new.stamped := old.stamped + 1; return new; end$$;
create trigger stamp before update on orders for each row execute function stamp();
select unwind.capture_table('orders', 'lines'), unwind.ignore_columns('orders', 'stamped');
"""


@pytest.fixture
def stamped(shop: Any) -> Any:
    """A table of which each change is stamped."""
    shop.conn.execute(STAMP)
    return shop


@pytest.mark.parametrize("choice", ["refuse", "skip", "merge"])
def test_a_stamp_is_no_conflict_and_stays_where_the_row_was_touched(stamped: Any, choice: str) -> None:
    stamped.write(
        "r", "update orders set customer = 'Eve' where id in (1, 2)", "insert into orders values (5)"
    )
    stamped.conn.execute("update orders set price = price where id in (1, 5)")
    assert stamped.undo("r", on_conflict=choice) == [("r", 1, 2, 0, 0)]
    assert stamped("select id, customer from orders order by id") == [(1, "Ada"), (2, "Bob")]


def test_it_is_set_back_where_nobody_did(shop: Any) -> None:
    shop.conn.execute("alter table orders add stamped int not null default 0")
    shop.conn.execute("select unwind.capture_table('orders', 'lines')")
    shop.conn.execute("select unwind.ignore_columns('orders', 'stamped')")
    shop.write("r", "update orders set customer = 'Eve', stamped = 1 where id in (1, 2)")
    shop.conn.execute("update orders set stamped = 2 where id = 1")
    shop.undo("r")
    assert shop("select customer, stamped from orders order by id") == [("Ada", 2), ("Bob", 0)]
    shop.restore("r")
    assert shop("select customer, stamped from orders order by id") == [("Eve", 2), ("Eve", 1)]


def test_others_are_conflicts_all_the_same(stamped: Any) -> None:
    stamped.write("r", "update orders set customer = 'Eve' where id = 1")
    stamped.conn.execute("update orders set price = 9 where id = 1")
    error = stamped.refused("select * from unwind.compensate_run('r')")
    assert error.sqlstate == "UW011"
    assert "(id=1): price" in (error.diag.message_detail or ""), "and not the stamp"
    stamped.undo("r", on_conflict="merge")
    assert stamped("select customer, price::text, stamped from orders where id = 1") == [("Ada", "9", 3)]


def test_undo_and_restore_any_number_of_times(stamped: Any) -> None:
    stamped.write("r", "update orders set customer = 'Eve' where id = 1", "delete from orders where id = 2")
    for _ in range(3):
        stamped.undo("r")
        assert stamped("select id, customer from orders order by id") == [(1, "Ada"), (2, "Bob")]
        stamped.restore("r")
        assert stamped("select id, customer from orders order by id") == [(1, "Eve")]


def test_they_follow_their_columns(stamped: Any) -> None:
    stamped.conn.execute("alter table orders rename stamped to price_")
    stamped.conn.execute("alter table orders rename price to stamped")
    stamped.conn.execute("alter table orders rename price_ to price")
    stamped.conn.execute("drop trigger stamp on orders")
    stamped.write("r", "update orders set customer = 'Eve' where id = 1")
    stamped.conn.execute("update orders set price = 9 where id = 1")
    stamped.undo("r")
    assert stamped("select customer from orders where id = 1") == [("Ada",)]
    stamped.conn.execute("alter table orders drop price")
    stamped.write("s", "update orders set customer = 'Eve' where id = 1")
    stamped.conn.execute("update orders set stamped = 9 where id = 1")
    assert stamped.refused("select * from unwind.compensate_run('s')").sqlstate == "UW011"


def test_sessions_that_have_undone_before_know_it_at_once(shop: Any) -> None:
    for run in "ab":
        shop.write(
            run, "update orders set customer = 'Eve' where id = 1", "insert into lines values (31, 1, 1)"
        )
        if run == "b":
            shop.conn.execute("select unwind.ignore_columns('orders', 'price')")
            shop.conn.execute("update orders set price = 9 where id = 1")
        shop.undo(run)
    assert shop("select customer, price::text from orders where id = 1") == [("Ada", "9")]
    for run in "cd":
        shop.write(run, "insert into orders values (7, 'Dan', 1)")
        if run == "d":
            shop.conn.execute("update orders set price = 9 where id = 7")
        shop.undo(run)
    assert shop.count("orders") == 2
    shop.conn.execute("select unwind.ignore_columns('orders', variadic '{}')")
    shop.write("e", "insert into orders values (7, 'Dan', 1)")
    shop.conn.execute("update orders set price = 9 where id = 7")
    assert shop.refused("select * from unwind.compensate_run('e')").sqlstate == "UW011"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("unwind.ignore_columns('orders', 'prise')", "price"),
        ("unwind.ignore_columns('orders', 'id')", "id"),
        ("unwind.ignore_columns('orders', null)", "null"),
        ("unwind.ignore_columns('free', 'id')", "not captured"),
    ],
)
def test_what_cannot_be_ignored_is_refused(shop: Any, call: str, said: str) -> None:
    error = shop.refused(f"select {call}")
    assert error.sqlstate == "UW009"
    assert error.diag.message_detail and error.diag.message_hint
    assert said in f"{error} {error.diag.message_hint}"
