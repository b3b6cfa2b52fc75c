"""The undo of an undo: captured tables are as the run had left them, and nothing else is touched."""

from __future__ import annotations

from typing import Any

import pytest

WRITTEN = (
    "update orders set customer = 'Eve' where id = 1",
    "delete from orders where id = 2",
    "insert into orders values (3, 'Cy', 1.0, '[]')",
    "insert into lines values (31, 3, 1)",
    "update lines set id = 13 where id = 12",
    "insert into parts values (1, 2, 'nut')",
    "delete from parts where id = 1",
)


def test_undo_and_restore_are_exact_any_number_of_times(shop: Any) -> None:
    before = shop.rows()
    shop.write("r", *WRITTEN)
    after = shop.rows()
    for n in range(1, 4):
        undone = shop("select * from unwind.compensate_run('r')")
        assert (shop.rows(), shop.status("r")) == (before, "COMPENSATED")
        assert shop("select * from unwind.compensate_run('r')") == undone, "again: the same receipts"
        restored = shop("select * from unwind.restore_run('r')")
        assert (shop.rows(), shop.status("r")) == (after, "FAILED")
        assert shop("select * from unwind.restore_run('r')") == restored, "again: the same receipts"
        deleted, reverted, reinserted = (sum(row[i] for row in undone) for i in (3, 4, 5))
        assert tuple(sum(row[i] for row in restored) for i in (3, 4, 5)) == (reinserted, reverted, deleted)
        assert shop("select distinct undo, kind from unwind.compensations order by 1, 2") == [
            (k, kind) for k in range(1, n + 1) for kind in ("restore", "undo")
        ]
    for table in ("orders", "lines", "parts"):
        assert shop(f'select from unwind_captured."public.{table}" where "~run" < 0') == []


def test_what_recorded_keys_and_cascade_links_deleted_comes_back(shop: Any) -> None:
    before = shop.rows()
    shop.record(
        "r", "order", 5, "insert into orders values (5, 'Dan', 3.50)", "insert into lines values (51, 5, 1)"
    )
    after = shop.rows()
    for _ in range(2):
        assert shop("select step, table_name, rows_deleted from unwind.compensate_run('r')") == [
            ("order", "public.lines", 1),
            ("order", "public.orders", 1),
        ]
        assert shop.rows() == before
        assert shop("select table_name, rows_reinserted from unwind.restore_run('r')") == [
            ("public.lines", 1),
            ("public.orders", 1),
        ]
        assert shop.rows() == after
    assert shop.count("unwind.entity_owners") == 1
    assert shop("select table_name, rows_left from unwind.verify_run('r')") == [
        ("public.lines", 1),
        ("public.orders", 1),
    ]


def test_a_run_with_recorded_keys_and_images_comes_back_as_a_whole(shop: Any) -> None:
    shop.record("r", "order", 5, "insert into orders values (5, 'Dan')")
    with shop.inside("r") as conn:
        conn.execute("insert into lines values (51, 5, 1); update orders set price = 9 where id = 1")
    after = shop.rows()
    shop.undo("r")
    assert shop.restore("r") == [("r", 0, 1, 2, 0)]
    assert shop.rows() == after


@pytest.mark.parametrize(
    ("ending", "status", "is_held"),
    [
        ("select unwind.complete_run('r')", "COMPLETED", False),
        ("select unwind.fail_run('r', 'no stock')", "FAILED", True),
        ("select 1", "FAILED", True),
    ],
)
def test_the_run_is_what_it_was_before(shop: Any, ending: str, status: str, is_held: bool) -> None:
    shop.write("r", *WRITTEN)
    shop.conn.execute(ending.encode())
    shop.undo("r")
    shop.restore("r")
    assert shop("select status, held_at is not null from unwind.workflow_runs") == [(status, is_held)]


def test_a_restored_run_is_held_until_somebody_takes_it_up(shop: Any) -> None:
    before = shop.rows()
    shop.write("r", *WRITTEN)
    shop.conn.execute("select unwind.fail_run('r', 'no stock')")
    shop.undo("r")
    shop.restore("r")
    after = shop.rows()
    shop.conn.execute("call unwind.recover_runs()")
    assert (shop.status("r"), shop.rows()) == ("FAILED", after), "sweeps pass it by"
    assert shop("select run_id, reason from unwind.stuck_runs") == [("r", "restored")]
    assert shop("select due, stuck from unwind.backlog") == [(0, 1)]
    shop.conn.execute("select unwind.fail_run('r', 'not wanted after all')")
    assert shop("select due, stuck from unwind.backlog") == [(1, 0)]
    shop.conn.execute("call unwind.recover_runs()")
    assert (shop.status("r"), shop.rows()) == ("COMPENSATED", before)
    shop.restore("r")
    shop.conn.execute("select * from unwind.compensate_run('r')")
    assert shop("select held_at from unwind.workflow_runs") == [(None,)]
    assert shop.rows() == before, "an undo by name takes it up as well"


def test_a_release_after_it_does_not_hide_that_it_was_restored(shop: Any) -> None:
    shop.record("r", "order", 5, "insert into orders values (5, 'Dan', 3.50)")
    shop.undo("r")
    restored = shop("select * from unwind.restore_run('r')")
    shop.conn.execute("select unwind.release_entity('r', 'order', '5')")
    assert shop("select * from unwind.restore_run('r')") == restored


def test_the_audit_log_has_it(shop: Any) -> None:
    shop.write("r", *WRITTEN)
    shop.undo("r")
    shop.restore("r")
    assert shop("select role, login, run_id from unwind.audit_log where action = 'restored'") == [
        (shop.value("select current_user"), shop.value("select session_user"), "r")
    ]


def test_find_changes_shows_it_before(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'Eve' where id = 1", "delete from parts where id = 1")
    assert shop("select * from unwind.find_changes('r', of_undo => true)") == [], "it is not undone"
    shop.undo("r")
    query = (
        "select table_name, row_key, action, changed_columns from unwind.find_changes('r', of_undo => true)"
    )
    assert shop(query) == [
        ("public.orders", "id=1", "update", ["customer"]),
        ("public.parts", "kind=1, id=1", "delete", []),
    ]
    shop.conn.execute("update orders set customer = 'Fay' where id = 1")
    assert shop(query)[0] == ("public.orders", "id=1", "conflict", ["customer"])
    shop.conn.execute("update orders set customer = 'Ada' where id = 1")
    shop.restore("r")
    assert shop(query) == []


def test_rows_that_others_changed_since_are_refused_or_skipped(shop: Any) -> None:
    shop.write("r", "update orders set customer = 'Eve' where id in (1, 2)")
    shop.undo("r")
    shop.write("s", "update orders set customer = 'Fay' where id = 1")
    error = shop.refused("select * from unwind.restore_run('r')")
    assert (error.sqlstate, error.diag.table_name) == ("UW011", "public.orders")
    assert "by run s" in (error.diag.message_detail or "")
    assert "compensate_runs('{s}')" in (error.diag.message_hint or "")
    assert "unwind.find_changes('r', of_undo => true);" in (error.diag.message_hint or "")
    assert shop.restore("r", on_conflict="skip") == [("r", 0, 1, 0, 1)]
    assert shop("select customer from orders order by id") == [("Fay",), ("Eve",)]
    shop.undo("s")
    assert shop("select customer from orders order by id") == [("Ada",), ("Eve",)]
    shop.undo("r")
    assert shop("select customer from orders order by id") == [("Ada",), ("Bob",)]
    shop.restore("r")
    assert shop("select customer from orders order by id") == [("Eve",), ("Eve",)], "what was skipped, too"


def test_it_can_be_done_by_hand_first(shop: Any) -> None:
    shop.write("r", "delete from parts")
    shop.undo("r")
    shop.conn.execute("delete from parts")
    assert shop.restore("r") == [("r", 0, 0, 0, 0)]


def test_nothing_is_restored_where_a_row_lacks_its_parent(shop: Any) -> None:
    shop.write("r", "insert into lines values (32, 2, 1)")
    shop.undo("r")
    shop.conn.execute("delete from orders where id = 2")
    before = shop.rows()
    assert shop.refused("select * from unwind.restore_run('r')").sqlstate == "UW014"
    assert (shop.rows(), shop.status("r")) == (before, "COMPENSATED")


def test_an_undo_by_keys_beside_tables_that_are_not_captured_is_not_taken_back(shop: Any) -> None:
    shop.record("r", "order", 5, "insert into orders values (5)")
    shop.record("r", "free", 1, "insert into free values (1)")
    shop.undo("r")
    error = shop.refused("select * from unwind.restore_run('r')")
    assert error.sqlstate == "UW018"
    assert "public.free" in (error.diag.message_detail or "")
    shop.record("s", "order", 6, "insert into orders values (6)")
    shop.record("s", "free", 2)
    shop.undo("s")
    assert shop.restore("s") == [("s", 0, 0, 1, 0)], "nothing of that table was deleted"


def test_nor_one_from_before_the_table_was_captured(shop: Any) -> None:
    shop.conn.execute("select unwind.uncapture_table('orders', 'lines')")
    shop.record("r", "order", 5, "insert into orders values (5)")
    shop.undo("r")
    shop.conn.execute("select unwind.capture_table('orders', 'lines')")
    assert shop.refused("select * from unwind.restore_run('r')").sqlstate == "UW018"


def test_nor_one_in_batches(shop: Any) -> None:
    shop.record("r", "order", 5, "insert into orders values (5)")
    shop.conn.execute("call unwind.compensate_run_in_batches('r')")
    assert shop.status("r") == "COMPENSATED"
    assert shop.refused("select * from unwind.restore_run('r')").sqlstate == "UW018"


@pytest.mark.parametrize(
    "forgetting",
    [
        "select unwind.forget_images('{r}')",
        "select unwind.uncapture_table('orders', 'lines')",
    ],
)
def test_nor_one_whose_images_are_gone(shop: Any, forgetting: str) -> None:
    shop.record("r", "order", 5, "insert into orders values (5)")
    shop.undo("r")
    shop.conn.execute(forgetting.encode())
    before = shop.rows()
    assert shop.refused("select * from unwind.restore_run('r')").sqlstate == "UW018"
    assert shop.rows() == before
    assert shop.value("select count(*) from unwind_internal.restorable_runs") <= 1


def test_what_is_purged_leaves_no_image(shop: Any) -> None:
    shop.record("r", "order", 5, "insert into orders values (5)")
    shop.write("s", *WRITTEN)
    shop.undo("r", "s")
    shop.conn.execute("select unwind.purge_runs(interval '0')")
    assert shop.count(*(f'unwind_captured."public.{table}"' for table in ("orders", "lines", "parts"))) == 0
    assert shop.count("unwind_internal.restorable_runs") == 0


@pytest.mark.parametrize("status", ["RUNNING", "COMPLETED", "FAILED"])
def test_what_is_not_undone_is_refused(shop: Any, status: str) -> None:
    shop.start("r")
    if status == "COMPLETED":
        shop.conn.execute("select unwind.complete_run('r')")
    elif status == "FAILED":
        shop.conn.execute("select unwind.fail_run('r', 'x')")
    error = shop.refused("select * from unwind.restore_run('r')")
    assert (error.sqlstate, status in str(error)) == ("55000", True)
    assert error.diag.message_detail and error.diag.message_hint
    assert shop.refused("select * from unwind.restore_run('none')").sqlstate == "UW001"
    assert shop.refused("select * from unwind.restore_run('r', 'overwrite')").sqlstate == "UW009"


def test_an_entity_that_another_run_has_taken_over_is_not_taken_back(shop: Any) -> None:
    shop.record("r", "order", 5, "insert into orders values (5, 'Dan')")
    shop.undo("r")
    shop.record("other", "order", 4)
    shop.record("s", "order", 5, "insert into orders values (5, 'Eve')")
    error = shop.refused("select * from unwind.restore_run('r')")
    assert error.sqlstate == "UW004"
    assert ("(5)" in str(error), "'s'" in str(error), "'other'" in str(error)) == (True, True, False)
    shop.undo("s")
    shop.restore("r")
    assert shop("select customer from orders where id = 5") == [("Dan",)]
    error = shop.refused("select * from unwind.restore_run('s')")
    assert error.sqlstate == "UW004"
    shop.undo("r")
    shop.restore("s")
    assert shop("select customer from orders where id = 5") == [("Eve",)]


def test_a_released_key_stays_released(shop: Any) -> None:
    shop.record("r", "order", 5, "insert into orders values (5)")
    shop.record("r", "order", 6, "insert into orders values (6)")
    shop.conn.execute("select unwind.release_entity('r', 'order', '5')")
    shop.undo("r")
    shop.record("s", "order", 7, "insert into orders values (7)")
    shop.restore("r")
    shop.undo("r")
    assert shop("select id from orders where id > 2 order by id") == [(5,), (7,)]
