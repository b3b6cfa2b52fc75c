"""What preview_run says before and verify_run after, of what a run changed in captured tables."""

from __future__ import annotations

from typing import Any

PREVIEW = "select ordinal, step, table_name, row_count, blocked_by from unwind.preview_run(%s)"
VERIFY = "select * from unwind.verify_run(%s)"
WRITTEN = (
    "insert into orders values (3), (4)",
    "insert into parts values (1, 2, 'nut')",
    "update orders set customer = 'x' where id = 1",
    "delete from orders where id = 2",
)


def test_a_line_for_each_table_and_action(shop: Any) -> None:
    shop.write("r", *WRITTEN)
    assert shop(PREVIEW, "r") == [
        (1, None, "public.orders", 2, None),
        (2, None, "public.parts", 1, None),
        (3, None, "public.orders", 1, None),
        (4, None, "public.lines", 1, None),
        (5, None, "public.orders", 1, None),
    ]
    for (statement,) in shop("select statement from unwind.preview_run('r')"):
        assert shop(statement)


def test_beside_the_lines_of_recorded_keys(shop: Any) -> None:
    shop.conn.execute("select unwind.define_step('w', 'free', 'free', 'id')")
    shop.start("r")
    shop.conn.execute("select unwind.record_step('r', 'free', '7'); insert into free values (7)")
    shop.write("r", "delete from parts")
    assert shop(PREVIEW, "r") == [(1, "free", "public.free", 1, None), (2, None, "public.parts", 1, None)]


def test_rows_that_would_refuse_it_are_named(shop: Any) -> None:
    shop.write("r", *WRITTEN)
    shop.conn.execute("update orders set price = 8; insert into orders values (2)")
    assert shop(PREVIEW, "r") == [
        (1, None, "public.parts", 1, None),
        (2, None, "public.lines", 1, None),
        (3, None, "public.orders", 0, "public.orders (id=1), (id=2), (id=3), (id=4)"),
    ]


def test_nothing_is_left_of_a_run_that_was_undone(shop: Any) -> None:
    shop.write("r", *WRITTEN)
    assert shop(VERIFY, "r") == [("public.lines", 1), ("public.orders", 4), ("public.parts", 1)]
    shop.conn.execute("select * from unwind.compensate_run('r')")
    assert shop(VERIFY, "r") == shop(PREVIEW, "r") == []


def test_a_row_that_was_recorded_too_is_counted_once(shop: Any) -> None:
    shop.conn.execute("select unwind.define_step('w', 'order', 'orders', 'id')")
    shop.start("r")
    shop.conn.execute("select unwind.record_step('r', 'order', '9')")
    shop.write("r", "insert into orders values (9)")
    assert shop(VERIFY, "r") == [("public.orders", 1)]


def test_a_skipped_row_is_somebody_elses(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'x'")
    shop.conn.execute("update orders set price = 7 where id = 1")
    shop.conn.execute("select * from unwind.compensate_run('r', on_conflict => 'skip')")
    assert shop(VERIFY, "r") == []
