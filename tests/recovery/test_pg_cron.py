"""recover_runs as a job of pg_cron: by itself it works, beside another statement it fails."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from pgunwind import manifest
from pgunwind.demo.server import EmbeddedServer

DEADLINE = 60.0
SWEEP = "call unwind.recover_runs()"


@pytest.fixture(params=["connections", "background workers"])
def cron(request: pytest.FixtureRequest) -> Iterator[EmbeddedServer]:
    """A server of its own, for pg_cron has to be loaded when a server starts."""
    with EmbeddedServer() as server:
        with psycopg.connect(server.dsn) as conn:
            if not conn.execute("select from pg_available_extensions where name = 'pg_cron'").fetchall():
                pytest.skip("pg_cron is not installed on this server")
            manifest.install(conn)
        server.stop()
        workers = "on" if request.param == "background workers" else "off"
        server.settings |= {
            "shared_preload_libraries": "pg_cron",
            "cron.host": server.host,
            "cron.use_background_workers": workers,
        }
        server.start()
        yield server


def outcomes(conn: psycopg.Connection[Any]) -> dict[str, tuple[str, str]]:
    """What became of each of the two jobs, when both are over."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        over = conn.execute(
            "select command, status, return_message from cron.job_run_details "
            "where status in ('succeeded', 'failed')"
        ).fetchall()
        if len(over) == 2:
            return {command: (status, message) for command, status, message in over}
    raise AssertionError("the jobs never ended")


def test_a_sweep_is_a_job_of_its_own(cron: EmbeddedServer) -> None:
    crowded = f"set lock_timeout = '5s'; {SWEEP}"
    with psycopg.connect(cron.dsn, autocommit=True) as conn:
        conn.execute(
            "create extension pg_cron; create table orders (id text primary key); "
            "select unwind.define_workflow('w'), unwind.define_step('w', 'order', 'orders', 'id')"
        )
        conn.execute("select unwind.start_run('w', 'r')")
        conn.execute("select unwind.record_step('r', 'order', 'o')")
        conn.execute("insert into orders values ('o')")
        conn.execute("select unwind.fail_run('r', 'x')")
        for number, command in enumerate([SWEEP, crowded]):
            # At the start of the server: nobody has to wait for the minute.
            conn.execute("select cron.schedule(%s, '@reboot', %s)", [f"job {number}", command])
    cron.stop()
    cron.start()
    with psycopg.connect(cron.dsn, autocommit=True) as conn:
        over = outcomes(conn)
        assert over[SWEEP][0] == "succeeded"
        assert over[crowded][0] == "failed" and "invalid transaction termination" in over[crowded][1]
        assert conn.execute("select status from unwind.workflow_runs").fetchall() == [("COMPENSATED",)]
        assert conn.execute("select from orders").fetchall() == []
