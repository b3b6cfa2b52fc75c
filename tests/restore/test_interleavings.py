"""An undo taken back beside whoever else is at work: each waits, and no row gets two owners."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

RECORD = "select unwind.record_step('s', 'order', '5')"


def owners(shop: Any) -> list[Any]:
    """Live runs whose key it is."""
    return shop(
        "select o.run_id from unwind.entity_owners as o"
        " inner join unwind.workflow_runs as r on r.id = o.run_id"
        " where o.entity_key = '{5}' and r.status <> 'COMPENSATED'"
    )


@pytest.fixture
def undone(shop: Any) -> Any:
    """A run that had recorded a key, and is undone; another one has started."""
    shop.record("r", "order", 5, "insert into orders values (5, 'Dan')")
    shop.undo("r")
    shop.conn.execute("select unwind.start_run('keys', 's')")
    return shop


def test_a_run_that_takes_the_key_over_waits_and_is_refused(
    undone: Any, connect: Any, in_background: Any, wait_until_blocked: Any
) -> None:
    restoring, taking = connect(), connect()
    with restoring.transaction():
        restoring.execute("select * from unwind.restore_run('r')")
        task = in_background(taking.execute, RECORD)
        wait_until_blocked(taking, unless=task)
    with pytest.raises(psycopg.Error) as error:
        task.result(timeout=60)
    assert error.value.sqlstate == "UW004"
    assert owners(undone) == [("r",)]


def test_many_keys_as_one(undone: Any, connect: Any, in_background: Any, wait_until_blocked: Any) -> None:
    restoring, taking = connect(), connect()
    with restoring.transaction():
        restoring.execute("select * from unwind.restore_run('r')")
        task = in_background(taking.execute, "select unwind.record_entities('s', 'order', array['5', '6'])")
        wait_until_blocked(taking, unless=task)
    with pytest.raises(psycopg.Error) as error:
        task.result(timeout=60)
    assert error.value.sqlstate == "UW004"
    assert owners(undone) == [("r",)]


def test_where_the_key_is_taken_first_restore_waits_and_is_refused(
    undone: Any, connect: Any, in_background: Any, wait_until_blocked: Any
) -> None:
    restoring, taking = connect(), connect()
    with taking.transaction():
        taking.execute(RECORD)
        taking.execute("insert into orders values (5, 'Eve')")
        task = in_background(restoring.execute, "select * from unwind.restore_run('r')")
        wait_until_blocked(restoring, unless=task)
    with pytest.raises(psycopg.Error) as error:
        task.result(timeout=60)
    assert error.value.sqlstate == "UW004"
    assert owners(undone) == [("s",)]


def test_a_sweep_passes_by_what_is_being_restored(undone: Any, connect: Any) -> None:
    restoring = connect()
    with restoring.transaction():
        restoring.execute("select * from unwind.restore_run('r')")
        undone.conn.execute("call unwind.recover_runs()")
    undone.conn.execute("call unwind.recover_runs()")
    assert undone.status("r") == "FAILED"


@pytest.mark.parametrize(
    "call", ["select unwind.purge_runs(interval '0')", "select unwind.forget_images('{r}')"]
)
@pytest.mark.parametrize("restore_first", [True, False])
def test_beside_a_purge_either_comes_first(
    undone: Any, connect: Any, in_background: Any, wait_until_blocked: Any, call: str, restore_first: bool
) -> None:
    first, second = connect(), connect()
    calls = ["select * from unwind.restore_run('r')", call]
    if not restore_first:
        calls.reverse()
    with first.transaction():
        first.execute(calls[0])
        task = in_background(second.execute, calls[1])
        if "purge" in calls[1]:
            task.result(timeout=60)  # runs that somebody has locked are left
        else:
            wait_until_blocked(second, unless=task)
    if restore_first and "purge" not in call:
        with pytest.raises(psycopg.Error) as error:
            task.result(timeout=60)
        assert error.value.sqlstate == "55006", "it has not ended any more"
    elif not restore_first:
        with pytest.raises(psycopg.Error) as error:
            task.result(timeout=60)
        assert error.value.sqlstate in {"UW001", "UW018"}
    assert undone.count("orders") == (3 if restore_first else 2)
    assert (undone.status("r") == "FAILED") is restore_first


def test_two_at_once_restore_it_once(
    undone: Any, connect: Any, in_background: Any, wait_until_blocked: Any
) -> None:
    first, second = connect(), connect()
    with first.transaction():
        first.execute("select * from unwind.restore_run('r')")
        task = in_background(second.execute, "select * from unwind.restore_run('r')")
        wait_until_blocked(second, unless=task)
    assert task.result(timeout=60).fetchall() == [(2, None, "public.orders", 0, 0, 1, 0)]
    assert undone("select count(*) from unwind.audit_log where action = 'restored'") == [(1,)]


def test_a_writer_of_the_same_row_is_waited_for(
    undone: Any, connect: Any, in_background: Any, wait_until_blocked: Any
) -> None:
    restoring, writing = connect(), connect()
    with writing.transaction():
        writing.execute("insert into orders values (5, 'Eve')")
        task = in_background(restoring.execute, "select * from unwind.restore_run('r')")
        wait_until_blocked(restoring, unless=task)
    with pytest.raises(psycopg.Error) as error:
        task.result(timeout=60)
    assert error.value.sqlstate in {"UW011", "UW014"}
    assert undone("select customer from orders where id = 5") == [("Eve",)]
    assert undone.status("r") == "COMPENSATED"
