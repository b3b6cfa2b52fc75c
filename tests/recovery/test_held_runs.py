"""A run whose row somebody holds is not passed by without a word: sweeps, stuck_runs and undos say who."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]
Connect = Callable[..., Connection]

STUCK = "select run_id, reason, held_by, command from unwind.stuck_runs order by run_id"
RECORD = "select unwind.act_as('w'), unwind.record_step(%s, 'letter', %s)"


@pytest.fixture
def gid(fleet: Any) -> str:
    """The name of a prepared transaction, of this test alone: names are the server's."""
    return f"step of {fleet.conn.info.dbname}"


@contextmanager
def prepared(conn: Connection, gid: str, *runs: str) -> Iterator[str]:
    """A worker is lost between prepare and commit."""
    conn.execute("begin")
    for run in runs:
        conn.execute(RECORD, [run, f"late of {run}"])
    conn.execute(f"prepare transaction '{gid}'".encode())
    try:
        yield gid
    finally:
        conn.execute(
            f"do $$ begin if exists (select from pg_prepared_xacts where gid = '{gid}')"
            f" then raise 'still there'; end if; end $$".encode()
        )


@pytest.fixture
def told(fleet: Any) -> list[str]:
    """What the test's session is told."""
    notices: list[str] = []
    fleet.conn.add_notice_handler(
        lambda n: notices.append("\n".join((n.message_primary, n.message_detail, n.message_hint)))
    )
    return notices


def test_a_prepared_transaction_of_a_lost_worker(
    fleet: Any, connect: Connect, gid: str, told: list[str]
) -> None:
    fleet.start([1, 2, 3], worker="w", failed=False)
    with prepared(connect(), gid, "r1", "r2"):
        assert fleet(STUCK) == [], "its lease has not run out"
        fleet.at("1 hour")
        assert fleet.sweep() == (1, 0)
        [notice] = told
        assert f"prepared transaction '{gid}'" in notice
        assert "'r1', 'r2'" in notice and "'r3'" not in notice and "since" in notice
        assert f"rollback prepared '{gid}';" in notice
        one, two = fleet(STUCK)
        assert (one[:2], two[:2]) == (("r1", "held"), ("r2", "held"))
        assert gid in one[2] and one[3] == two[3] == f"rollback prepared '{gid}';"
        fleet.conn.execute(one[3].encode())
    assert fleet(STUCK) == []
    assert fleet.sweep() == (2, 0)
    assert fleet.rows() == 0


def idle(step: Connection, fleet: Any) -> None:
    step.execute(RECORD, ["r1", "late"])


def in_a_savepoint(step: Connection, fleet: Any) -> None:
    step.execute("savepoint a")
    step.execute(RECORD, ["r1", "late"])
    step.execute("release savepoint a")


def forgotten_undo(step: Connection, fleet: Any) -> None:
    step.execute("select * from unwind.compensate_run('r1', force => true)")


@pytest.mark.parametrize("hold", [idle, in_a_savepoint, forgotten_undo])
def test_a_session_that_is_idle_in_its_transaction(
    fleet: Any, connect: Connect, told: list[str], hold: Callable[[Connection, Any], None]
) -> None:
    fleet.start([1], worker="w", failed=False)
    holder = connect(autocommit=False, application_name="worker 7")
    hold(holder, fleet)
    fleet.at("1 hour")
    assert fleet.sweep() == (0, 0)
    session = f"session {holder.info.backend_pid} ("
    assert session in told[-1] and "worker 7, idle in transaction, since" in told[-1]
    [(run, reason, held_by, command)] = fleet(STUCK)
    assert (run, reason) == ("r1", "held") and session in held_by
    assert command == f"select pg_terminate_backend({holder.info.backend_pid});"
    assert fleet.value("select stuck from unwind.backlog") == 1
    holder.rollback()
    assert fleet(STUCK) == []
    assert fleet.sweep() == (1, 0)


def test_one_who_is_at_work_is_not_listed_until_it_takes_long(
    fleet: Any, connect: Connect, in_background: Any, wait_until_blocked: Any, told: list[str]
) -> None:
    fleet.start([1])
    blocker, undo = connect(autocommit=False), connect()
    blocker.execute("select from lines for update")
    undone = in_background(lambda: undo.execute("select * from unwind.compensate_run('r1')").fetchall())
    wait_until_blocked(undo, unless=undone)
    assert fleet(STUCK) == []
    fleet.sweep()
    assert f"session {undo.info.backend_pid} (" in told[-1], "a sweep says who was in its way, whoever it was"
    fleet.at("2 minutes")
    [(run, reason, held_by, _)] = fleet(STUCK)
    assert (run, reason) == ("r1", "held") and "active" in held_by
    blocker.rollback()
    assert len(undone.result(timeout=20)) == 3


@pytest.mark.parametrize(
    "undo",
    [
        "select * from unwind.compensate_run('r1', force => true)",
        "select * from unwind.compensate_runs(array['r1', 'r2'], force => true)",
        "call unwind.compensate_run_in_batches('r1', force => true)",
        "select * from unwind.compensate_step('r1', 'letter')",
    ],
)
def test_an_undo_that_has_to_wait_says_for_whom(
    fleet: Any, connect: Connect, gid: str, told: list[str], undo: str
) -> None:
    fleet.start([1, 2], failed=False)
    fleet.conn.execute("set lock_timeout = '50ms'")
    with prepared(connect(), gid, "r1"):
        assert fleet.refused(undo).sqlstate == "55P03"
        assert told and told[0].startswith(f"waiting: prepared transaction '{gid}'")
        fleet.conn.execute(f"rollback prepared '{gid}'".encode())
    told.clear()
    fleet.conn.execute(undo.encode())
    assert not [notice for notice in told if notice.startswith("waiting")]


def test_an_application_is_told_of_its_own_runs_alone(fleet: Any, connect: Connect) -> None:
    fleet.start([1])
    role = f"app_{fleet.conn.info.dbname}"
    fleet.conn.execute(
        f"create role \"{role}\"; select unwind_internal.grant_access('{role}', 'application')"
    )
    holder = connect(autocommit=False)
    holder.execute("select * from unwind.compensate_run('r1')")
    try:
        fleet.at("1 hour")
        fleet.conn.execute(f'set role "{role}"; set session authorization "{role}"')
        assert fleet("select * from unwind_internal.find_holders_of('{r1}')") == []
        assert fleet(STUCK) == []
    finally:
        fleet.conn.execute("reset session authorization")
        fleet.conn.execute(f'reset role; drop owned by "{role}"; drop role "{role}"')
    assert len(fleet(STUCK)) == 1
