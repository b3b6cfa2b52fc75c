"""on_conflict => 'merge': what the run changed goes back, column by column, and what others changed stays."""

from __future__ import annotations

from typing import Any

import pytest

ORDER = "select customer, price, note::text from orders where id = 1"


@pytest.fixture
def changed(shop: Any) -> Any:
    """A run has changed the customer of an order, and somebody else its price since."""
    shop.write("r", "update orders set customer = 'Eve' where id = 1", "delete from parts")
    shop.conn.execute("update orders set price = 7 where id = 1")
    return shop


def test_columns_of_others_stay(changed: Any) -> None:
    assert changed.refused("select * from unwind.compensate_run('r')").sqlstate == "UW011"
    assert changed.undo("r", on_conflict="merge") == [("r", 0, 1, 1, 0)]
    assert [str(value) for value in changed(ORDER)[0]] == ["Ada", "7", '{"a": 1}']
    assert changed.count("parts") == 1
    assert changed("select * from unwind.verify_run('r')") == []


def test_undo_and_restore_are_exact_any_number_of_times(changed: Any) -> None:
    written = changed.rows()
    changed.undo("r", on_conflict="merge")
    undone = changed.rows()
    for _ in range(2):
        changed.restore("r", on_conflict="merge")
        assert changed.rows() == written
        changed.undo("r", on_conflict="merge")
        assert changed.rows() == undone
    changed.conn.execute("update orders set note = null where id = 1")
    assert changed.refused("select * from unwind.restore_run('r')").sqlstate == "UW011"
    changed.restore("r", on_conflict="merge")
    assert [str(value) for value in changed(ORDER)[0]] == ["Eve", "7", "None"]


def test_a_column_that_both_changed_is_a_conflict_and_named_alone(changed: Any) -> None:
    changed.write("s", "update orders set customer = 'Fay', note = null where id = 1")
    before = changed.rows()
    error = changed.refused("select * from unwind.compensate_run('r', on_conflict => 'merge')")
    assert error.sqlstate == "UW011"
    assert (error.diag.message_detail or "") == "public.orders (id=1): customer."
    assert changed.rows() == before
    assert changed(
        "select changed_columns from unwind.find_changes('r', on_conflict => 'merge') limit 1"
    ) == [(["customer"],)]
    changed.undo("s")
    changed.undo("r", on_conflict="merge")
    assert [str(value) for value in changed(ORDER)[0]] == ["Ada", "7", '{"a": 1}']


def test_what_somebody_has_put_back_already_is_done(changed: Any) -> None:
    changed.conn.execute("update orders set customer = 'Ada' where id = 1")
    assert changed.undo("r", on_conflict="merge") == [("r", 0, 0, 1, 0)]
    assert [str(value) for value in changed(ORDER)[0]] == ["Ada", "7", '{"a": 1}']


@pytest.mark.parametrize(
    ("written", "since"),
    [
        ("insert into orders values (5, 'Dan')", "update orders set price = 1 where id = 5"),
        ("delete from parts", "insert into parts values (1, 1, 'bolt')"),
        ("update lines set amount = 9 where id = 21", "delete from lines where id = 21"),
    ],
)
def test_what_is_no_row_changed_by_both_is_a_conflict_as_under_refuse(
    shop: Any, written: str, since: str
) -> None:
    shop.write("r", written)
    shop.conn.execute(since.encode())
    before = shop.rows()
    assert (
        shop.refused("select * from unwind.compensate_run('r', on_conflict => 'merge')").sqlstate == "UW011"
    )
    assert shop.rows() == before


def test_rows_that_others_changed_between_two_changes_of_the_run_are_a_conflict(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'Eve' where id = 1")
    shop.conn.execute("update orders set price = 7 where id = 1")
    shop.write("r", "update orders set customer = 'Fay' where id = 1")
    assert (
        shop.refused("select * from unwind.compensate_run('r', on_conflict => 'merge')").sqlstate == "UW011"
    )


def test_a_merged_row_that_a_constraint_refuses_comes_not_back(shop: Any) -> None:
    shop.conn.execute("alter table orders add check (price < 5 or customer <> 'Ada')")
    shop.write("r", "update orders set customer = 'Eve' where id = 1")
    shop.conn.execute("update orders set price = 7 where id = 1")
    assert (
        shop.refused("select * from unwind.compensate_run('r', on_conflict => 'merge')").sqlstate == "UW014"
    )


def test_find_changes_shows_what_merging_would_do(changed: Any) -> None:
    query = (
        "select action, changed_columns, before ->> 'customer', before ->> 'price' from"
        " unwind.find_changes('r', on_conflict => %s) where table_name = 'public.orders'"
    )
    assert changed(query, "merge") == [("update", ["customer"], "Ada", "7")]
    assert changed(query, "refuse") == [("conflict", ["price"], "Ada", "1.50")]
    assert changed.refused("select * from unwind.find_changes('r', on_conflict => 'mix')").sqlstate == "UW009"


def test_columns_that_came_since_stay(changed: Any) -> None:
    changed.conn.execute("alter table orders add note2 text default 'new'")
    changed.conn.execute("update orders set note2 = 'mine' where id = 1")
    changed.undo("r", on_conflict="merge")
    assert changed("select customer, note2 from orders where id = 1") == [("Ada", "mine")]


def test_a_trigger_that_changes_what_comes_back_is_refused(changed: Any) -> None:
    changed.conn.execute(
        "create function f() returns trigger language plpgsql as"
        " $$begin new.customer := 'X'; return new; end$$;"
        "create trigger t before update on orders for each row execute function f()"
    )
    assert (
        changed.refused("select * from unwind.compensate_run('r', on_conflict => 'merge')").sqlstate
        == "UW014"
    )


def test_triggers_after_may_look(changed: Any) -> None:
    changed.conn.execute(
        "create function f() returns trigger language plpgsql as $$begin return new; end$$;"
        "create trigger t after update on orders for each row execute function f()"
    )
    changed.undo("r", on_conflict="merge")
    assert changed("select customer from orders where id = 1") == [("Ada",)]
