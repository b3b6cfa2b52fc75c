"""What an undo locks, in which order, and what it finds when it waits for others."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

LOCKED = """
select relation::regclass::text from pg_locks
where pid = %s and granted and mode = 'RowExclusiveLock' and relation = any('{orders,lines}'::regclass[])
order by 1
"""
PARTITION_LOCKS = "select mode from pg_locks where pid = pg_backend_pid() and relation = 'parts_1'::regclass"
NOBODY_ELSE_KEEPS = "select pg_advisory_xact_lock(hashtext('unwind_internal.kept_undos'))"
UNDO = "select * from unwind.compensate_run('r')"


@pytest.mark.parametrize("is_kept", [True, False])
def test_tables_are_locked_before_rows(
    shop: Any, connect: Any, in_background: Any, wait_until_blocked: Any, is_kept: bool
) -> None:
    """Else an undo waits for a table that another one keeps from writers, and that waits for its rows."""
    shop.write(
        "r", "update lines set amount = 9 where id = 11", "update orders set customer = 'x' where id = 1"
    )
    undoing, other = connect(), connect()
    with other.transaction():
        if not is_kept:
            other.execute(NOBODY_ELSE_KEEPS)
        other.execute("select from lines where id = 11 for update")
        undo = in_background(undoing.execute, UNDO)
        wait_until_blocked(undoing, undo)
        assert shop(LOCKED, undoing.info.backend_pid) == [("lines",), ("orders",)]
    undo.result()
    assert shop("select amount from lines where id = 11") == [(5,)]


@pytest.mark.parametrize("call", [UNDO, "select unwind.restore_run('q')"])
def test_an_undo_that_finds_a_table_altered_does_not_wait_for_its_writers_with_rows_or_tables_locked(
    shop: Any, connect: Any, in_background: Any, wait_until_blocked: Any, call: str
) -> None:
    changes = "update lines set amount = 9 where id = 11", "update orders set customer = 'x' where id = 1"
    shop.write("q", *changes)
    shop.conn.execute("select unwind.compensate_run('q')")
    if call == UNDO:
        shop.write("r", *changes)
    shop.conn.execute("alter table orders add more int")
    undoing, other = connect(), connect()
    with other.transaction():
        other.execute("update orders set note = null where id = 2")
        undo = in_background(undoing.execute, call)
        wait_until_blocked(undoing, undo)
        other.execute("select from lines where id = 11 for update")
        other.execute("update lines set amount = 8 where id = 12")
    undo.result()
    assert shop("select id, amount from lines where order_id = 1 order by 1") == [
        (11, 5 if call == UNDO else 9),
        (12, 8),
    ]


def test_an_undo_that_finds_a_table_altered_waits_as_long_as_its_session_wants_to(
    shop: Any, connect: Any
) -> None:
    shop.write("r", "update orders set customer = 'x' where id = 1")
    shop.conn.execute("alter table orders add more int")
    undoing, other = connect(), connect()
    undoing.execute("set lock_timeout = '1ms'")
    with other.transaction():
        other.execute("update orders set note = null where id = 2")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            undoing.execute(UNDO)
    undoing.execute(UNDO)
    assert undoing.execute("show lock_timeout").fetchone() == ("1ms",)
    assert shop("select customer from orders where id = 1") == [("Ada",)]


def test_no_partition_is_locked_before_its_table(shop: Any) -> None:
    """Else an undo comes to wait for the ALTER TABLE that waits for it."""
    with shop.conn.transaction():
        shop.conn.execute("select unwind_internal.kept_undo('{public.parts}', false, again => true)")
        assert shop(PARTITION_LOCKS) == []


@pytest.mark.parametrize("on_conflict", ["refuse", "skip"])
def test_a_row_that_was_made_anew_and_changed_meanwhile_is_not_overwritten(
    shop: Any, connect: Any, in_background: Any, wait_until_blocked: Any, on_conflict: str
) -> None:
    shop.conn.execute("insert into parts values (1, 2, 'nut')")
    shop.write("r", "update parts set name = 'x'")
    undoing, first, second, third = (connect() for _ in range(4))
    first.execute("begin; delete from parts where id = 1; insert into parts values (1, 1, 'x')")
    second.execute("begin; select from parts where id = 2 for update")
    undo = in_background(
        undoing.execute, "select * from unwind.compensate_run('r', false, %s)", [on_conflict]
    )
    wait_until_blocked(undoing, undo)
    first.execute("commit")
    third.execute("begin")
    change = in_background(third.execute, "update parts set name = 'mine' where id = 1")
    wait_until_blocked(third, change)
    second.execute("commit")
    wait_until_blocked(undoing, undo)
    third.execute("commit")
    if on_conflict == "skip":
        undo.result()
        assert shop("select id, name from parts order by 1") == [(1, "mine"), (2, "nut")]
        return
    with pytest.raises(psycopg.Error) as error:
        undo.result()
    assert error.value.sqlstate == "UW011"
    assert shop("select id, name from parts order by 1") == [(1, "mine"), (2, "x")]
