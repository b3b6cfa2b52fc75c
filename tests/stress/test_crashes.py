"""No row survives: processes that are killed, a server that crashes, a worker that sleeps past its lease."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
DEEP = os.environ.get("PGUNWIND_DEEP") == "1"
SLEEPER = """
import sys
from pgunwind import Unwind
with Unwind(sys.argv[1]).run("client_to_delivery", run_id="zombie") as run:
    with run.step("brief", "b") as conn:
        conn.execute("insert into client_to_delivery.onboarding_brief (id, client_id) values ('b', 'c')")
        if sys.argv[2] == "in a step":
            print("ready", flush=True)
            sys.stdin.readline()
    print("ready", flush=True)
    sys.stdin.readline()
    with run.step("strategy", "s") as conn:
        conn.execute("insert into client_to_delivery.strategy_document (id, brief_id) values ('s', 'b')")
"""
LATER = "select set_config('unwind.now', (now() + interval '6 minutes')::text, false)"


def play(script: str, *arguments: str) -> str:
    """Run a script of this folder; what it prints."""
    ended = subprocess.run(
        [sys.executable, HERE / script, *arguments], capture_output=True, text=True, timeout=580, check=False
    )
    print(ended.stdout, ended.stderr)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_every_process_that_is_killed_leaves_a_run_that_is_whole_or_gone(reference_dsn: str) -> None:
    processes = "300" if DEEP else "60"
    assert "killed at work" in play("kill_matrix.py", "--dsn", reference_dsn, "--processes", processes)


def test_after_every_crash_of_the_server_runs_are_whole_or_gone() -> None:
    assert "COMPENSATED" in play("server_crash.py", "--crashes", "20" if DEEP else "3")


def test_a_zombie_is_refused_and_no_row_of_it_is_left(reference_dsn: str, reference_conn: Any) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPER, reference_dsn, "between steps"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as zombie:
        assert zombie.stdout is not None
        assert zombie.stdout.readline() == "ready\n"
        zombie.send_signal(signal.SIGSTOP)
        reference_conn.execute(LATER)
        assert reference_conn.execute("call unwind.recover_runs()").fetchone() == (1, 0)
        zombie.send_signal(signal.SIGCONT)
        _, errors = zombie.communicate("go on\n", timeout=60)
    assert zombie.returncode != 0
    assert "RunNotRunning" in errors or "ClaimLost" in errors
    assert reference_conn.execute("select from onboarding_brief").fetchall() == []
    assert reference_conn.execute("select from strategy_document").fetchall() == []
    assert reference_conn.execute("select status from unwind.workflow_runs").fetchall() == [("COMPENSATED",)]


def test_a_zombie_inside_a_step_is_undone_once_that_step_has_ended(
    reference_dsn: str, reference_conn: Any
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPER, reference_dsn, "in a step"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as zombie:
        assert zombie.stdin is not None and zombie.stdout is not None
        assert zombie.stdout.readline() == "ready\n"
        zombie.send_signal(signal.SIGSTOP)
        reference_conn.execute(LATER)
        assert reference_conn.execute("call unwind.recover_runs()").fetchone() == (0, 0), (
            "nobody waits for it"
        )
        zombie.send_signal(signal.SIGCONT)
        zombie.stdin.write("go on\n")
        zombie.stdin.flush()
        assert zombie.stdout.readline() == "ready\n"
        assert reference_conn.execute("call unwind.recover_runs()").fetchone() == (1, 0)
        _, errors = zombie.communicate("go on\n", timeout=60)
    assert zombie.returncode != 0
    assert "RunNotRunning" in errors or "ClaimLost" in errors
    assert reference_conn.execute("select from onboarding_brief").fetchall() == []


@pytest.fixture(autouse=True)
def _say_how_long() -> Any:
    started = time.monotonic()
    yield
    print(f"{time.monotonic() - started:.1f} s")
