"""The pattern for job workers of docs/python.md, in real processes that are killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from documents import blocks
from pgunwind import Unwind

Connection = psycopg.Connection[Any]
PATIENCE = 30.0
SHOP = """
create table orders (id text primary key, customer text not null);
create table payments (id text primary key, order_id text not null, amount numeric not null);
select unwind.define_workflow('checkout');
select unwind.define_step('checkout', 'order', 'orders', 'id');
select unwind.define_step('checkout', 'payment', 'payments', 'id');
"""
LAPSED = "update unwind.workflow_runs set lease_expires_at = now() where status = 'RUNNING'"
WAITER = "select from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))"

(PATTERN,) = (block.text for block in blocks("docs/python.md") if "def handle(" in block.text)
WORKER = f"""
import sys
from pgunwind import Unwind
unwind = Unwind(sys.argv[1])
{re.split(r"^handle", PATTERN, maxsplit=1, flags=re.MULTILINE)[0]}
handle("job-7")
"""

Process = subprocess.Popen[str]


@pytest.fixture
def worker(conn: Connection, dsn: str) -> Iterator[Callable[[], Process]]:
    """Return what starts a worker at the job."""
    conn.execute(SHOP)
    conn.commit()
    with ExitStack() as stack:

        def start() -> Process:
            command = [sys.executable, "-c", WORKER, dsn]
            process = stack.enter_context(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
            stack.callback(process.kill)
            return process

        yield start


def kill_in_mid_step(start: Callable[[], Process], dsn: str, table: str) -> None:
    """Start a worker, and kill it when its step is at this table."""
    with psycopg.connect(dsn) as gate:
        gate.execute(f"lock table {table} in exclusive mode".encode())
        process = start()
        deadline = time.monotonic() + PATIENCE
        while gate.execute(WAITER).fetchone() is None:
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        gate.rollback()


def outcome(process: Process) -> str | None:
    """Return the class of the exception that the worker ended with."""
    _, told = process.communicate(timeout=PATIENCE)
    if process.returncode == 0:
        return None
    raised = re.findall(r"^pgunwind\.errors\.(\w+)", told, re.MULTILINE)
    assert raised, told
    return str(raised[-1])


def assert_done_once(conn: Connection, run_id: str) -> None:
    """The job is done, whatever became of its workers."""
    rows = conn.execute(
        "select (select array_agg(id) from orders), (select array_agg(id) from payments), "
        "(select array_agg(id) from unwind.workflow_runs where status = 'COMPLETED')"
    ).fetchone()
    assert rows == (["order-job-7"], ["pay-job-7"], [run_id])
    conn.rollback()


def wait_until_gone(conn: Connection) -> None:
    """Wait until the server has noticed that a worker is dead, and rolled its step back."""
    deadline = time.monotonic() + PATIENCE
    while conn.execute("select from unwind.workflow_runs for update skip locked").fetchone() is None:
        conn.rollback()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    conn.rollback()


@pytest.mark.parametrize("table", ["orders", "payments"])
def test_who_comes_after_a_killed_worker_goes_on_where_that_was(
    worker: Callable[[], Process], conn: Connection, dsn: str, table: str
) -> None:
    kill_in_mid_step(worker, dsn, table)
    wait_until_gone(conn)
    assert outcome(worker()) == "ClaimLost", "its lease is not over"
    conn.execute(LAPSED)
    conn.commit()
    assert outcome(worker()) is None
    assert_done_once(conn, "job-7")
    assert outcome(worker()) is None, "a job that is done is not done again"
    assert_done_once(conn, "job-7")


def test_what_was_undone_is_begun_anew(worker: Callable[[], Process], conn: Connection, dsn: str) -> None:
    kill_in_mid_step(worker, dsn, "payments")
    wait_until_gone(conn)
    conn.execute(LAPSED)
    conn.commit()
    assert Unwind(dsn).recover_runs().recovered == 1
    assert conn.execute("select from orders").fetchall() == []
    conn.rollback()
    assert outcome(worker()) is None
    assert_done_once(conn, "job-7:2")


def test_of_two_workers_one_does_the_job(worker: Callable[[], Process], conn: Connection, dsn: str) -> None:
    outcomes = [outcome(process) for process in [worker() for _ in range(3)]]
    assert None in outcomes
    assert set(outcomes) <= {None, "ClaimLost"}
    assert_done_once(conn, "job-7")
