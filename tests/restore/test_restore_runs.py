"""Undos of several runs: what was undone together comes back together, and the last undo first."""

from __future__ import annotations

from typing import Any


def test_what_was_undone_together_comes_back_together(shop: Any) -> None:
    before = shop.rows()
    shop.write("a", "update orders set customer = 'Eve' where id = 1")
    shop.write(
        "b", "update orders set customer = 'Fay' where id = 1", "insert into parts values (1, 2, 'nut')"
    )
    shop.record("c", "order", 5, "insert into orders values (5)")
    after = shop.rows()
    for _ in range(2):
        shop.undo("a", "b", "c")
        assert shop.rows() == before
        error = shop.refused("select * from unwind.restore_run('b')")
        assert error.sqlstate == "55000"
        hint = error.diag.message_hint
        assert hint == "select * from unwind.restore_runs('{a,b,c}');"
        assert sum(row[3] for row in shop(hint)) == 2
        assert shop.rows() == after
        assert [shop.status(run) for run in "abc"] == ["FAILED"] * 3
    shop.undo("b")
    shop.restore("b")
    assert shop.rows() == after, "each can be undone by itself then"


def test_undos_one_after_the_other_are_taken_back_the_last_one_first(shop: Any) -> None:
    shop.write("a", "update orders set customer = 'Eve' where id = 1")
    shop.write("b", "update orders set customer = 'Fay' where id = 1", "delete from parts")
    shop.write("c", "insert into parts values (1, 1, 'bolt')")
    after = shop.rows()
    for run in "cba":
        shop.undo(run)
    assert [run for run, *_ in shop.restore("b", "c", "a")] == ["a", "b", "c"]
    assert shop.rows() == after


def test_all_or_none(shop: Any) -> None:
    shop.write("a", "update orders set customer = 'Eve' where id = 1")
    shop.write("b", "delete from parts")
    shop.undo("b")
    shop.undo("a")
    shop.conn.execute("delete from parts; insert into parts values (1, 1, 'bolt')")
    before = shop.rows()
    assert shop.refused("select * from unwind.restore_runs('{a,b}')").sqlstate == "UW011"
    assert (shop.rows(), shop.status("a")) == (before, "COMPENSATED")
    assert shop.restore() == []


def test_those_that_are_restored_are_left_alone(shop: Any) -> None:
    for run in "ab":
        shop.write(run, f"insert into orders values (5{ord(run)})")
        shop.undo(run)
    first = shop.restore("a")
    after = shop.rows()
    assert shop.restore("a", "b") == [*first, ("b", 0, 0, 1, 0)]
    assert shop.restore("a", "b", "a")[:1] == first
    assert len(shop.rows()[0]) == len(after[0]) + 1


def test_not_where_one_of_them_was_purged(shop: Any) -> None:
    shop.write("a", "insert into orders values (5)")
    shop.write("b", "insert into orders values (6)")
    shop.undo("a", "b")
    shop.conn.execute("update unwind.workflow_runs set updated_at = now() - interval '2 days' where id = 'b'")
    assert shop.value("select unwind.purge_runs(interval '1 day')") == 1
    error = shop.refused("select * from unwind.restore_run('a')")
    assert error.sqlstate == "UW018"
    assert "purged" in (error.diag.message_detail or "")


def test_nor_where_the_images_of_one_were_forgotten(shop: Any) -> None:
    shop.write("a", "insert into orders values (5)")
    shop.write("b", "insert into orders values (6)")
    shop.undo("a", "b")
    assert shop.value("select unwind.forget_images('{b}')") == 1
    assert shop.value('select count(*) from unwind_captured."public.orders" where "~run" < 0') == 0
    assert shop.refused("select * from unwind.restore_runs('{a,b}')").sqlstate == "UW018"


def test_sweeps_undo_captured_runs_so_that_each_can_come_back_by_itself(shop: Any) -> None:
    before = shop.rows()
    for run in "abc":
        shop.write(run, f"insert into orders values (5{ord(run)})")
        shop.conn.execute("select unwind.fail_run(%s, 'x')", [run])
    shop.record("d", "order", 6, "insert into orders values (6)")
    shop.record("e", "order", 7, "insert into orders values (7)")
    shop.conn.execute("select unwind.fail_run('d', 'x'), unwind.fail_run('e', 'x')")
    shop.conn.execute("call unwind.recover_runs()")
    assert shop.rows() == before
    assert shop.restore("b") == [("b", 0, 0, 1, 0)]
    assert shop.restore("e") == [("e", 0, 0, 1, 0)]
    assert shop("select id from orders where id > 2 order by id") == [(7,), (598,)]
