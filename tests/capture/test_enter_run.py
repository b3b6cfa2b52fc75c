"""A transaction is of the run that it enters, until it ends, and only then."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest


def test_only_a_running_run_can_be_entered(shop: Any) -> None:
    assert shop.refused("select unwind.enter_run('none')").sqlstate == "UW001"
    shop.start("done", "failed")
    shop.conn.execute("select unwind.complete_run('done'), unwind.fail_run('failed', 'x')")
    for run in ("done", "failed"):
        assert shop.refused("select unwind.enter_run(%s)", run).sqlstate == "UW002"


def test_a_claimed_run_listens_to_its_worker(shop: Any) -> None:
    shop.conn.execute("select unwind.start_run('w', 'r', worker => 'me')")
    assert shop.refused("select unwind.enter_run('r')").sqlstate == "UW003"
    assert shop.refused("select unwind.enter_run('r', 'you')").sqlstate == "UW003"
    with shop.conn.transaction():
        shop.conn.execute("select unwind.enter_run('r', 'me')")
        shop.conn.execute("update orders set customer = 'x' where id = 1")
        shop.conn.execute("select unwind.complete_run('r')")
    assert len(shop.images("orders")) == 2


def test_again_for_the_same_run_changes_nothing(shop: Any) -> None:
    with shop.inside("r") as conn:
        conn.execute("select unwind.enter_run('r')")
        conn.execute("update orders set customer = 'x' where id = 1")
        conn.execute("select unwind.enter_run('r')")
    assert len(shop.images("orders")) == 2


def test_a_transaction_is_of_one_run(shop: Any) -> None:
    shop.start("other")
    with pytest.raises(psycopg.Error) as refused, shop.inside("r") as conn:
        conn.execute("select unwind.enter_run('other')")
    assert refused.value.sqlstate == "UW016"
    assert refused.value.diag.message_detail and refused.value.diag.message_hint
    with shop.inside("other"):
        pass


def test_back_to_a_savepoint_from_before_the_transaction_is_outside(shop: Any, connect: Any) -> None:
    shop.start("r")
    with shop.conn.transaction():
        with shop.conn.transaction(force_rollback=True):
            shop.conn.execute("select unwind.enter_run('r')")
        shop.conn.execute("update orders set customer = 'x' where id = 1")
        connect().execute("select unwind.complete_run('r')")  # nobody holds the run either
    assert shop.images("orders") == []


def test_the_undo_and_the_end_of_a_run_wait_for_who_is_inside(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    shop.start("r")
    inside, other = connect(autocommit=False), connect()
    inside.execute("select unwind.enter_run('r')")
    inside.execute("update orders set customer = 'x' where id = 1")
    for call in ("select unwind.complete_run('r')", "select * from unwind.compensate_run('r')"):
        with pytest.raises(psycopg.errors.LockNotAvailable), other.transaction():
            other.execute("set local lock_timeout = '50ms'")
            other.execute(call.encode())
    ending = in_background(other.execute, "select unwind.fail_run('r', 'x')")
    wait_until_blocked(other)
    inside.commit()
    ending.result()
    assert shop.refused("select unwind.enter_run('r')").sqlstate == "UW002"


def test_nobody_enters_a_run_of_somebody_elses(shop: Any) -> None:
    role = f"stranger_{shop.conn.info.dbname}"
    shop.conn.execute(f'create role "{role}"'.encode())
    shop.conn.execute("select unwind_internal.grant_access(%s, 'application')", [role])
    shop.start("r")
    try:
        shop.conn.execute(f'set session authorization "{role}"'.encode())
        assert shop.refused("select unwind.enter_run('r')").sqlstate == "42501"
    finally:
        shop.conn.execute(f'reset session authorization; drop owned by "{role}"; drop role "{role}"'.encode())
