"""recover: one sweep, or one after another until it is told to end."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

Run = Callable[..., Any]


@pytest.fixture
def watching(terminal: Any) -> Iterator[Any]:
    """Sweeps again and again, on a terminal."""
    with terminal("recover", "--watch", "0.01") as started:
        started.until("recovered 0, failed 0")
        yield started


def test_a_sweep_says_what_it_did_and_its_status_whether_all_went_well(shop: Any, pgunwind: Run) -> None:
    for run in ("r1", "r2", "r3"):
        shop.start(run)
    shop.block("r2")
    said = pgunwind("recover")
    assert (said.status, said.output) == (4, "recovered 2, failed 1\n")
    assert "pgunwind status" in said.errors
    said = pgunwind("recover", "--json")
    assert (said.status, said.json) == (0, {"recovered": 0, "failed": 0})


def test_a_sweep_can_be_of_one_workflow_which_has_to_exist(shop: Any, pgunwind: Run) -> None:
    shop.start("r")
    shop("select unwind.define_workflow('other')")
    assert pgunwind("recover", "--workflow", "other").output == "recovered 0, failed 0\n"
    said = pgunwind("recover", "--workflow", "shopp")
    assert said.status == 1
    assert "did you mean shop?" in said.errors and "Traceback" not in said.errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_watch_sweeps_again_and_again_until_it_is_told_to_end(
    shop: Any, watching: Any, number: signal.Signals
) -> None:
    shop.start("r1")
    watching.until("recovered 1, failed 0")
    watching.signal(number)
    assert watching.end().status == 0


def test_watch_finishes_the_sweep_under_way_and_a_second_ctrl_c_cancels_it(
    shop: Any, watching: Any, connect: Any
) -> None:
    shop.start("r1")
    other = connect(autocommit=False)
    other.execute("lock table lines in exclusive mode")
    blocked = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    while not shop(blocked):
        pass
    watching.type("\x03")
    watching.until("again cancels it")
    watching.type("\x03")
    said = watching.end()
    assert said.status == 130 and "Traceback" not in said.output
    assert "runs that are undone stay undone" in said.output
    other.rollback()
    assert shop.status("r1") == "FAILED"


def test_a_pause_of_nothing_between_sweeps_is_refused(shop: Any, pgunwind: Run) -> None:
    said = pgunwind("recover", "--watch", "0")
    assert said.status == 2 and "--watch" in said.errors


def test_a_server_that_is_away_for_one_sweep_is_there_for_the_next(
    shop: Any, watching: Any, server_dsn: str
) -> None:
    allow = f"alter database {shop.conn.info.dbname} allow_connections "
    with psycopg.connect(server_dsn, autocommit=True) as admin:
        admin.execute((allow + "false").encode())
        watching.until("no sweep: ")
        admin.execute((allow + "true").encode())
    shop.start("r1")
    watching.until("recovered 1, failed 0")
    watching.signal(signal.SIGTERM)
    assert watching.end().status == 0
