"""Images go when they are told to, and an undo that needs them says so."""

from __future__ import annotations

from typing import Any

import pytest

ALL = 'select (select count(*) from unwind_captured."public.orders")' + "".join(
    f' + (select count(*) from unwind_captured."public.{table}")' for table in ("lines", "parts")
)
WRITTEN = ("update orders set customer = 'x'", "insert into parts values (1, 2, 'nut')")
UNDO = "select * from unwind.compensate_run(%s, force => true)"


def test_a_run_can_end_without_keeping_them(shop: Any) -> None:
    shop.write("r", *WRITTEN)
    shop.write("s", *WRITTEN[:1])
    kept = shop.value(ALL)
    shop.conn.execute("select unwind.complete_run('r', keep_images => false)")
    assert (shop.status("r"), shop.value(ALL)) == ("COMPLETED", kept - 5)
    for call in (UNDO, "select * from unwind.compensate_runs(array[%s], true)"):
        error = shop.refused(call, "r")
        assert error.sqlstate == "UW018"
        assert "preview_run('r')" in (error.diag.message_hint or "")


@pytest.mark.parametrize("keep", ["", ", keep_images => true", ", keep_images => null"])
def test_else_they_are_kept(shop: Any, keep: str) -> None:
    shop.write("r", *WRITTEN)
    shop.conn.execute(f"select unwind.complete_run('r'{keep})".encode())
    assert shop(UNDO, "r") == [(1, None, "public.orders", 0, 2, 0, 0), (2, None, "public.parts", 1, 0, 0, 0)]


def test_a_run_without_any_loses_nothing_by_it(shop: Any) -> None:
    shop.start("r")
    shop.conn.execute("select unwind.complete_run('r', false), unwind.forget_images('{r}')")
    assert shop(UNDO, "r") == []


def test_they_are_forgotten_when_somebody_says_so(shop: Any) -> None:
    for run in ("completed", "undone", "other"):
        shop.write(run, "insert into orders values (9)", "delete from orders where id = 9", *WRITTEN[:1])
    shop.start("none")
    shop.conn.execute("select * from unwind.compensate_runs('{other,undone,completed}')")
    shop.write("done", *WRITTEN)
    shop.conn.execute("select unwind.complete_run('done'), unwind.complete_run('none')")
    kept = shop.value(ALL)
    assert shop.value("select unwind.forget_images('{undone,done,none,undone}')") == 2
    assert shop.value(ALL) == kept - 5 - 6 - 4, "and those of the undo of three"
    assert shop.refused(UNDO, "done").sqlstate == "UW018"
    assert shop.value("select unwind.forget_images('{undone,done}')") == 0, "again: nothing left"


@pytest.mark.parametrize(
    ("ending", "state"), [("", "RUNNING"), ("select unwind.fail_run('r', 'x')", "FAILED")]
)
def test_not_of_a_run_that_has_not_ended(shop: Any, ending: str, state: str) -> None:
    shop.write("r", *WRITTEN)
    shop.write("s", "delete from parts")
    shop.conn.execute("select unwind.complete_run('s')")
    shop.conn.execute(ending.encode())
    kept = shop.value(ALL)
    error = shop.refused("select unwind.forget_images('{r,s}')")
    assert (error.sqlstate, state in error.diag.message_primary) == ("55006", True)
    assert shop.value(ALL) == kept, "all or none"
    assert shop.refused("select unwind.forget_images('{s,nobody}')").sqlstate == "UW001"


def test_purging_runs_takes_their_images_and_no_others(shop: Any) -> None:
    for run in ("old", "older", "live"):
        shop.write(run, *WRITTEN[:1], f"insert into parts values (1, {len(run)}, 'nut')")
    shop.conn.execute("select unwind.complete_run('old'), unwind.complete_run('older')")
    shop.conn.execute("set unwind.now = '2999-01-01'")
    assert shop.value("select unwind.purge_runs('1 day')") == 2
    [(live,)] = shop("select number from unwind.workflow_runs")
    for table in ("orders", "parts"):
        assert shop(f'select distinct "~run" from unwind_captured."public.{table}"') == [(live,)]


def test_what_a_table_that_is_gone_held_can_be_left_behind(shop: Any) -> None:
    shop.write(
        "r", "insert into parts values (1, 7, 'a'), (1, 8, 'b')", "delete from parts where id = 8", *WRITTEN
    )
    shop.conn.execute("drop table parts")
    error = shop.refused(UNDO, "r")
    assert (error.sqlstate, "skip" in (error.diag.message_hint or "")) == ("UW011", True)
    assert shop("select * from unwind.compensate_run('r', on_conflict => 'skip')") == [
        (1, None, "public.orders", 0, 2, 0, 0),
        (2, None, "public.parts", 0, 0, 0, 3),
    ]
    assert shop("select customer from orders order by id") == [("Ada",), ("Bob",)]
