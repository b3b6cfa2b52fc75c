"""Who keeps a run's row locked is found by its row, however it was locked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from pgunwind import manifest
from pgunwind.demo.server import EmbeddedServer
from templates import holding

Connection = psycopg.Connection[Any]
Connect = Callable[..., Connection]

RUN = """
create table orders (id text primary key);
select unwind.define_workflow('shop');
select unwind.define_step('shop', 'order', 'orders', 'id');
select unwind.start_run('shop', 'r1');
"""
FIND = "select pid, gid, application, state from unwind.find_holders('r1')"
RECORD = "select unwind.record_step('r1', 'order', %s)"


run_template = holding(RUN)


@pytest.fixture
def run(run_template: Any, conn: Connection) -> Connection:
    return conn


def pid(conn: Connection) -> int:
    row = conn.execute("select pg_backend_pid()").fetchone()
    assert row is not None
    return int(row[0])


def test_nobody(run: Connection) -> None:
    assert run.execute(FIND).fetchall() == []
    with run.transaction():
        run.execute(RECORD, ["o1"])
        assert run.execute(FIND).fetchall() == [], "oneself does not count"
    assert run.execute(FIND).fetchall() == [], "over"


def test_a_step_in_flight(run: Connection, connect: Connect) -> None:
    step = connect(application_name="worker 7", autocommit=False)
    holder = (pid(step), None, "worker 7", "idle in transaction")
    step.execute(RECORD, ["o1"])
    assert run.execute(FIND).fetchall() == [holder]
    step.rollback()
    assert run.execute(FIND).fetchall() == []


def test_several_steps(run: Connection, connect: Connect) -> None:
    steps = [connect(autocommit=False) for _ in range(3)]
    for number, step in enumerate(steps):
        step.execute(RECORD, [f"o{number}"])
    assert {row[0] for row in run.execute(FIND).fetchall()} == {pid(step) for step in steps}
    steps[0].commit()
    assert {row[0] for row in run.execute(FIND).fetchall()} == {pid(step) for step in steps[1:]}


@pytest.mark.parametrize("ended", [False, True], ids=["within", "after"])
def test_a_step_within_a_savepoint(run: Connection, connect: Connect, ended: bool) -> None:
    step, bystander = connect(autocommit=False), connect(autocommit=False)
    bystander.execute("select from unwind.workflow_runs")
    step.execute("savepoint a")
    step.execute(RECORD, ["o1"])
    if ended:
        step.execute("release savepoint a")
    assert [row[0] for row in run.execute(FIND).fetchall()] == [pid(step)]


def test_an_undo_and_a_heartbeat(run: Connection, connect: Connect) -> None:
    for call in ("unwind.compensate_run('r1')", "unwind.claim_run('r1', 'w')"):
        other = connect(autocommit=False)
        other.execute(f"select {call}".encode())
        assert [row[0] for row in run.execute(FIND).fetchall()] == [pid(other)]
        other.rollback()


def test_a_row_that_was_renewed_under_a_step(run: Connection, connect: Connect) -> None:
    step = connect(autocommit=False)
    step.execute(RECORD, ["o1"])
    run.execute("update unwind.workflow_runs set updated_at = now()")
    assert [row[0] for row in run.execute(FIND).fetchall()] == [pid(step)]


def test_an_unknown_run(conn: Connection) -> None:
    with pytest.raises(psycopg.DatabaseError) as caught:
        conn.execute(FIND)
    assert caught.value.sqlstate == "UW001"


@pytest.fixture
def preparing() -> Iterator[Connection]:
    """Return a connection to a server that keeps prepared transactions."""
    with (
        EmbeddedServer({"max_prepared_transactions": "2"}) as server,
        psycopg.connect(server.dsn, autocommit=True) as conn,
    ):
        manifest.install(conn)
        conn.execute(RUN)
        yield conn


def test_a_prepared_transaction(preparing: Connection) -> None:
    preparing.execute("begin")
    preparing.execute(RECORD, ["o1"])
    preparing.execute("prepare transaction 'step of r1'")
    assert preparing.execute(FIND).fetchall() == [(None, "step of r1", None, None)]
    preparing.execute("rollback prepared 'step of r1'")
    assert preparing.execute(FIND).fetchall() == []


def test_the_few_that_are_asked_for_are_looked_up_whatever_else_is_locked(run: Connection) -> None:
    plans: list[str] = []
    run.execute(
        "load 'auto_explain'; set auto_explain.log_min_duration = 0;"
        "set auto_explain.log_nested_statements = on; set client_min_messages = log"
    )
    run.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
    run.execute(FIND)
    assert any("pg_lock_status" in plan and "Nested Loop" in plan for plan in plans)
    assert not [plan for plan in plans if "Hash Join" in plan or "Hash Right Join" in plan or "Merge" in plan]
