"""A sweep undoes captured runs too, and holds nobody up; what undoes by halves refuses them."""

from __future__ import annotations

from typing import Any

import pytest

STEPS = (
    "select unwind.define_step('w', 'free', 'free', 'id'), unwind.define_step('w', 'order', 'orders', 'id')"
)


def fail(shop: Any, *runs: str) -> None:
    """End them badly."""
    for run in runs:
        shop.conn.execute("select unwind.fail_run(%s, 'x')", [run])


def test_a_sweep_undoes_captured_runs_beside_others(shop: Any) -> None:
    shop.conn.execute(STEPS)
    before = shop("select t::text from orders as t order by 1")
    shop.write("captured", "update orders set customer = 'x'", "insert into orders values (9)")
    shop.start("recorded")
    shop.conn.execute("select unwind.record_step('recorded', 'free', '7'); insert into free values (7)")
    fail(shop, "captured", "recorded")
    assert shop("call unwind.recover_runs()") == [(2, 0)]
    assert shop("select t::text from orders as t order by 1") == before
    assert shop.count("free") == 0
    assert {shop.status("captured"), shop.status("recorded")} == {"COMPENSATED"}
    assert shop("select table_name, rows_deleted, rows_reverted from unwind.compensations order by 1") == [
        ("public.free", 1, 0),
        ("public.orders", 1, 2),
    ]


@pytest.mark.parametrize(
    ("by_the_run", "since", "state"),
    [
        ("update orders set customer = 'x'", "update orders set price = 7", "UW011"),
        ("delete from lines", "delete from orders", "UW014"),
        ("insert into orders values (9)", "insert into lines values (91, 9)", "UW007"),
    ],
)
def test_a_run_that_cannot_be_undone_holds_up_nobody(
    shop: Any, by_the_run: str, since: str, state: str
) -> None:
    shop.write("bad", by_the_run)
    shop.conn.execute(since.encode())
    shop.write("good", "insert into parts values (1, 7, 'nut')")
    fail(shop, "bad", "good")
    before = shop("select t::text from orders as t order by 1")
    assert shop("call unwind.recover_runs()") == [(1, 1)]
    assert shop("select t::text from orders as t order by 1") == before
    assert (shop.status("bad"), shop.status("good")) == ("FAILED", "COMPENSATED")
    assert state in shop.value("select last_error from unwind.workflow_runs where id = 'bad'")
    assert shop.count("parts") == 1


@pytest.mark.parametrize(
    "call",
    [
        "select * from unwind.compensate_step('r', 'order')",
        "select * from unwind.rewind_run('r', 'free')",
        "call unwind.compensate_run_in_batches('r')",
    ],
)
def test_by_halves_it_is_refused(shop: Any, call: str) -> None:
    shop.conn.execute(STEPS)
    shop.start("r")
    shop.conn.execute("select unwind.record_step('r', 'free', '7'), unwind.record_step('r', 'order', '9')")
    shop.write("r", "insert into orders values (9)")
    error = shop.refused(call)
    assert error.sqlstate == "0A000"
    assert error.diag.message_detail and error.diag.message_hint
    assert shop.status("r") == "RUNNING"
    assert shop.count("orders") == 3


BACKLOG = "select due, pausing, stuck, conflicts from unwind.backlog"
STUCK = "select run_id, reason, command from unwind.stuck_runs"


@pytest.mark.parametrize("state", ["UW011", "UW014"])
def test_a_conflict_is_shown_apart_until_it_is_gone(shop: Any, state: str) -> None:
    by_the_run, since = {
        "UW011": (
            "update orders set customer = 'x' where id = 2",
            "update orders set price = 7 where id = 2",
        ),
        "UW014": ("delete from lines where id = 21", "delete from orders where id = 2"),
    }[state]
    shop.write("it's", by_the_run)
    shop.write("by another", since)
    fail(shop, "it's")
    assert shop(BACKLOG) == [(1, 0, 0, 0)]
    assert shop("call unwind.recover_runs()") == [(0, 1)]
    assert shop(STUCK) == [("it's", "conflict", "select * from unwind.find_changes('it''s');")]
    assert shop(BACKLOG) == [(0, 1, 0, 1)]
    shop.conn.execute("set unwind.now = '2999-01-01'")
    assert shop("select conflicts from unwind.backlog") == [(1,)], "due again, and shown still"
    assert shop("call unwind.recover_runs(max_retries => 2)") == [(0, 1)]
    assert ("it's", "conflict") in shop("select run_id, reason from unwind.stuck_runs"), (
        "given up, and apart still"
    )
    shop.conn.execute("select * from unwind.compensate_run('by another')")
    assert shop("call unwind.recover_runs(max_retries => 3)") == [(1, 0)]
    assert "it's" not in {run for run, *_ in shop(STUCK)}


def test_what_failed_for_anything_else_is_no_conflict(shop: Any) -> None:
    shop.write("r", "insert into orders values (9)")
    shop.conn.execute("insert into lines values (91, 9)")
    fail(shop, "r")
    shop.conn.execute("call unwind.recover_runs(max_retries => 1)")
    assert shop("select run_id, reason from unwind.stuck_runs") == [("r", "gave up")]
    assert shop(BACKLOG) == [(0, 0, 1, 0)]
