"""Workflows and sweepers as processes that can be killed, and what has to be so when all is over."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

import psycopg

from pgunwind import Unwind, UnwindError
from pgunwind.demo.server import die_with_parent
from pgunwind.examples.client_to_delivery import WORKFLOW, ClientToDelivery

ROWS_OF_A_COMPLETED_RUN = 16
PATIENCE = 120.0


def fork(work: Callable[[], Any]) -> int:
    """Run it in a process of its own, in silence; give the process id."""
    pid = os.fork()
    if pid:
        return pid
    _child(work)


def _child(work: Callable[[], Any]) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if die := die_with_parent():
        die()  # else it would go on for ever where a test is killed
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 1)
    os.dup2(devnull, 2)
    try:
        work()
    except BaseException:
        os._exit(1)
    os._exit(0)


def workflows(dsn: str, seed: int) -> None:
    """One run of the reference workflow after another: each goes well, or fails at one of two steps.

    Where a sweeper has taken a run over, or the server is gone, the next one starts.
    """
    chance = random.Random(seed)
    while True:
        fate = chance.choice(["well", "well", "qc", "delivery"])
        with suppress(UnwindError, psycopg.OperationalError):
            ClientToDelivery(Unwind(dsn)).execute(
                force_qc_fail=fate == "qc", force_delivery_fail=fate == "delivery"
            )


def sweep_for_ever(dsn: str) -> None:
    """A sweeper that takes whatever is due, and every claim for expired: all of them were taken long ago."""
    while True:
        try:
            with psycopg.connect(dsn, autocommit=True) as conn:
                while True:
                    conn.execute("select set_config('unwind.now', (now() + interval '1 hour')::text, false)")
                    conn.execute("call unwind.recover_runs(max_retries => 1000000)")
                    time.sleep(0.1)
        except psycopg.OperationalError:
            time.sleep(0.05)


def reap(pid: int) -> None:
    """Kill a process, and wait until it is gone."""
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def recover(dsn: str) -> None:
    """Sweep until no run is live, for as long as they become fewer: a busy machine needs its time."""
    fewest, deadline = None, time.monotonic() + PATIENCE
    with psycopg.connect(dsn, autocommit=True) as conn:
        while True:
            conn.execute("select set_config('unwind.now', (now() + interval '1 day')::text, false)")
            conn.execute("call unwind.recover_runs(max_retries => 1000000)")
            (live,) = conn.execute(
                "select count(*) from unwind.workflow_runs where status not in ('COMPLETED', 'COMPENSATED')"
            ).fetchone() or (0,)
            if not live:
                return
            if fewest is None or live < fewest:
                fewest, deadline = live, time.monotonic() + PATIENCE
            if time.monotonic() > deadline:
                fail(f"{live} runs are still live: {conn.execute('table unwind.stuck_runs').fetchall()}")


def judge(dsn: str) -> dict[str, int]:
    """Every run has ended; of the completed ones every row is there, of the others none. Gives the counts."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        statuses = dict(
            conn.execute("select status, count(*) from unwind.workflow_runs group by 1").fetchall()
        )
        if set(statuses) - {"COMPLETED", "COMPENSATED"}:
            fail(f"live runs: {statuses}")
        wrong = conn.execute(
            """
            select r.id, r.status, coalesce(v.rows, 0)
            from unwind.workflow_runs as r
            cross join lateral (select sum(rows_left) as rows from unwind.verify_run(r.id)) as v
            where coalesce(v.rows, 0) <> case r.status when 'COMPLETED' then %s else 0 end
            """,
            [ROWS_OF_A_COMPLETED_RUN],
        ).fetchall()
        if wrong:
            fail(f"rows that should not be there, or are not: {wrong[:5]}")
        tables = conn.execute(
            "select tablename from pg_tables where schemaname = 'client_to_delivery'"
        ).fetchall()
        rows = 0
        for (table,) in tables:
            counted = conn.execute(f"select count(*) from client_to_delivery.{table}".encode()).fetchone()
            rows += counted[0] if counted else 0
        if rows != ROWS_OF_A_COMPLETED_RUN * statuses.get("COMPLETED", 0):
            fail(f"{rows} rows in all for {statuses}")
        orphans = conn.execute("select * from unwind.find_orphans(%s)", [WORKFLOW]).fetchall()
        if orphans:
            fail(f"orphans: {orphans}")
        return {name: int(count) for name, count in statuses.items()}


def fail(message: str) -> NoReturn:
    """End with an error that is seen."""
    print(f"FAILED: {message}", file=sys.stderr)
    raise SystemExit(1)
