"""Rows that an undo skipped, and handed on to the run that had changed them, are taken back with it."""

from __future__ import annotations

from typing import Any

import pytest


def customer(shop: Any) -> str:
    """Whose the first order is."""
    return shop.value("select customer from orders where id = 1")


@pytest.fixture
def handed(shop: Any) -> Any:
    """Run a changed the row, then b; a is undone, skips it, and b has a's image."""
    shop.write(
        "a", "update orders set customer = 'Eve' where id = 1", "insert into parts values (1, 2, 'nut')"
    )
    shop.write("b", "update orders set customer = 'Fay' where id = 1")
    assert shop.undo("a", on_conflict="skip") == [("a", 1, 0, 0, 1)]
    return shop


def test_with_its_undo_taken_back_each_is_undone_by_itself_again(handed: Any) -> None:
    for _ in range(2):
        assert handed.restore("a") == [("a", 0, 0, 1, 0)]
        assert customer(handed) == "Fay"
        handed.undo("b")
        assert customer(handed) == "Eve", "what a wrote, for a is not undone"
        handed.restore("b")
        assert handed.undo("a", on_conflict="skip") == [("a", 1, 0, 0, 1)]
    handed.undo("b")
    assert customer(handed) == "Ada", "what was there before both"


def test_not_while_the_heir_is_undone(handed: Any) -> None:
    handed.undo("b")
    assert customer(handed) == "Ada"
    error = handed.refused("select * from unwind.restore_run('a')")
    assert error.sqlstate == "UW018"
    assert "run 'b'" in (error.diag.message_detail or "")
    assert handed.restore("a", "b") == [("a", 0, 0, 1, 0), ("b", 0, 1, 0, 0)], "but with it"
    assert customer(handed) == "Fay"
    handed.undo("b")
    assert customer(handed) == "Eve"


def test_not_where_the_heir_is_forgotten(handed: Any) -> None:
    handed.conn.execute("select unwind.complete_run('b'), unwind.forget_images('{b}')")
    assert handed.refused("select * from unwind.restore_run('a')").sqlstate == "UW018"


def test_an_heir_that_hands_on_itself(handed: Any) -> None:
    handed.write("c", "update orders set customer = 'Gil' where id = 1")
    handed.undo("b", on_conflict="skip")
    assert handed.refused("select * from unwind.restore_run('a')").sqlstate == "UW018"
    handed.restore("b")
    handed.restore("a")
    handed.undo("c")
    assert customer(handed) == "Fay"
    handed.undo("b")
    assert customer(handed) == "Eve"
    handed.undo("a")
    assert customer(handed) == "Ada"


def test_nobody_waits_for_whoever_is_at_work_on_the_heir(handed: Any, connect: Any) -> None:
    other = connect()
    with other.transaction():
        other.execute("select * from unwind.compensate_run('b')")
        assert handed.refused("select * from unwind.restore_run('a')").sqlstate == "55P03"
