"""python -m pgunwind recover: one sweep, or one after another until it is told to end."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any

import psycopg

COMMAND = [sys.executable, "-m", "pgunwind", "recover"]


def test_a_sweep_says_what_it_did_and_its_status_whether_all_went_well(fleet: Any, dsn: str) -> None:
    fleet.start([1, 2, 3])
    fleet.block(2)
    first = subprocess.run([*COMMAND, "--dsn", dsn], capture_output=True, text=True, check=False)
    assert (first.returncode, first.stdout) == (1, "recovered 2, failed 1\n")
    second = subprocess.run([*COMMAND, "--dsn", dsn], capture_output=True, text=True, check=False)
    assert (second.returncode, second.stdout) == (0, "recovered 0, failed 0\n")


def test_an_error_is_told_plainly(fleet: Any, dsn: str) -> None:
    ended = subprocess.run(
        [*COMMAND, "--dsn", dsn, "--workflow", "nothing"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "nothing" in ended.stderr and "Traceback" not in ended.stderr


def test_again_and_again_until_it_is_told_to_end(fleet: Any, dsn: str) -> None:
    command = [*COMMAND, "--dsn", dsn, "--every", "0.01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sweeper:
        assert sweeper.stdout is not None
        assert sweeper.stdout.readline() == "recovered 0, failed 0\n"
        fleet.start([1])
        assert "recovered 1, failed 0\n" in sweeper.stdout
        sweeper.send_signal(signal.SIGTERM)
        sweeper.communicate(timeout=20)
    assert sweeper.returncode == 0


def test_a_pause_of_nothing_between_sweeps_is_refused(dsn: str) -> None:
    ended = subprocess.run(
        [*COMMAND, "--dsn", dsn, "--every", "0"], capture_output=True, text=True, check=False, timeout=20
    )
    assert ended.returncode == 2
    assert "--every" in ended.stderr


def test_a_server_that_is_away_for_one_sweep_is_there_for_the_next(
    fleet: Any, dsn: str, server_dsn: str
) -> None:
    command = [*COMMAND, "--dsn", dsn, "--every", "0.01"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with (
        psycopg.connect(server_dsn, autocommit=True) as admin,
        subprocess.Popen(command, text=True, **pipes) as sweeper,
    ):
        assert sweeper.stdout is not None and sweeper.stderr is not None
        assert sweeper.stdout.readline() == "recovered 0, failed 0\n"
        fleet.start([1], failed=False)
        allow = f"alter database {fleet.conn.info.dbname} allow_connections "
        admin.execute((allow + "false").encode())
        assert sweeper.stderr.readline().startswith("no sweep: ")
        admin.execute((allow + "true").encode())
        fleet("select unwind.fail_run('r1', 'x')")
        assert "recovered 1, failed 0\n" in sweeper.stdout
        sweeper.terminate()
        sweeper.communicate(timeout=20)
    assert sweeper.returncode == 0
