"""What a run did that its recorded keys would not undo; and preview_run counts each row once."""

from __future__ import annotations

from typing import Any

import pytest

UNCOVERED = "select table_name, row_key, action from unwind.find_uncovered(%s)"
PREVIEW = "select step, table_name, row_count, blocked_by from unwind.preview_run(%s)"


@pytest.fixture
def covered(shop: Any) -> Any:
    """The shop with a workflow whose step makes orders, with a run that has recorded one."""
    shop.conn.execute("select unwind.define_step('w', 'order', 'orders', 'id')")
    shop.start("r")
    shop.conn.execute("select unwind.record_step('r', 'order', '9')")
    shop.write("r", "insert into orders values (9)", "insert into lines values (91, 9), (92, 9)")
    return shop


def test_what_keys_and_their_cascades_reach_is_covered(covered: Any) -> None:
    assert covered(UNCOVERED, "r") == []
    assert covered(PREVIEW, "r") == [("order", "public.lines", 2, None), ("order", "public.orders", 1, None)]


def test_what_they_do_not_reach_is_not(covered: Any) -> None:
    covered.write(
        "r",
        "insert into orders values (10)",
        "update orders set customer = 'x' where id in (1, 9)",
        "delete from lines where id = 21",
        "insert into parts values (1, 2, 'nut')",
    )
    assert covered(UNCOVERED, "r") == [
        ("public.lines", "id=21", "insert"),
        ("public.orders", "id=1", "update"),
        ("public.orders", "id=10", "delete"),
        ("public.parts", "kind=1, id=2", "delete"),
    ]
    assert covered(PREVIEW, "r") == [
        ("order", "public.lines", 2, None),
        ("order", "public.orders", 1, None),
        (None, "public.orders", 1, None),
        (None, "public.parts", 1, None),
        (None, "public.orders", 1, None),
        (None, "public.lines", 1, None),
    ]
    done = covered("select sum(rows_deleted) from unwind.compensate_run('r')")
    assert done == [(5,)]


def test_a_row_that_somebody_else_has_changed_is_still_its_keys_to_take(covered: Any) -> None:
    covered.conn.execute(
        "update orders set customer = 'y' where id = 9; update orders set price = 3 where id = 1"
    )
    assert covered(UNCOVERED, "r") == []
    covered.write("r", "update orders set note = '1' where id = 1")
    covered.conn.execute("update orders set price = 4 where id = 1")
    assert covered(UNCOVERED, "r") == [("public.orders", "id=1", "conflict")]


def test_a_key_whose_row_was_there_covers_nothing(shop: Any) -> None:
    shop.conn.execute("select unwind.define_step('w', 'order', 'orders', 'id')")
    with shop.inside("r") as conn:
        conn.execute("update orders set customer = 'x' where id = 2")
        conn.execute("select unwind.record_step('r', 'order', '2')")
    assert shop(UNCOVERED, "r") == [("public.orders", "id=2", "update")]
    assert shop(PREVIEW, "r") == [(None, "public.orders", 1, None)]
    assert shop("select rows_deleted, rows_reverted from unwind.compensate_run('r')") == [(0, 1)]


def test_after_the_keys_were_undone_it_shows_what_they_left(covered: Any) -> None:
    covered.write("r", "update orders set customer = 'x' where id = 1")
    with covered.conn.transaction(force_rollback=True):
        covered.conn.execute("select unwind_internal.undo_runs('{r}', null)")
        assert covered(UNCOVERED, "r") == [("public.orders", "id=1", "update")]


def test_a_run_without_images_has_nothing_uncovered(shop: Any) -> None:
    shop.start("r")
    assert shop(UNCOVERED, "r") == []
    assert shop.refused("select * from unwind.find_uncovered('nobody')").sqlstate == "UW001"
