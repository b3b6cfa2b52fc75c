"""The bench itself, at its smallest: it measures all axes, and finds out who leaves wrong rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from bench import axes, background, small_steps, ways
from bench.background import TABLES_OF_THE_APPLICATION as SCHEMA
from bench.contenders import compensate_run, floor, load, one_transaction
from bench.proxy import Traffic, proxy
from bench.ways import by_hand

TESTS = Path(__file__).parents[1]


@pytest.fixture
def runs(bare_dsn):
    """Three runs, with all that the contenders need."""
    with psycopg.connect(bare_dsn, autocommit=True) as conn:
        background.prepare(conn)
        background.add_runs(conn, range(1, 4), background.SCHEMAS)
        yield conn


def test_every_axis_is_measured_at_the_smallest_scale(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "PGUNWIND_DSN"}
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--scale", "smoke", "--output", tmp_path],
        env=environment | {"PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert {record["axis"] for record in figures["records"]} == set(axes.ALL)
    assert all(record["value"] > 0 for record in figures["records"])
    assert figures["goals"]


@pytest.mark.parametrize("contender", load()[0], ids=lambda contender: contender.name)
def test_a_contender_leaves_the_rows_of_others_and_none_of_the_run(runs, bare_dsn, contender):
    with contender.opened(bare_dsn) as undo:
        undo(2)
    background.expect_gone(runs, contender.schema, [2], contender.name)
    background.expect_left(runs, contender.schema, 2)


@pytest.mark.parametrize("way", ways.load()[0], ids=lambda way: way.name)
def test_a_way_leaves_a_row_a_step(runs, bare_dsn, way):
    small_steps.prepare(runs)
    with way.opened(bare_dsn, 3) as forward:
        forward([1, 2])
    assert small_steps.rows(runs) == 6


def test_the_ledger_by_hand_refuses_a_row_that_was_there_and_a_run_taken_away(runs, bare_dsn, monkeypatch):
    small_steps.prepare(runs)
    monkeypatch.setattr("bench.ways.by_hand.uuid4", lambda: "run")
    runs.execute(small_steps.INSERT[1], [small_steps.key("run", 1)])
    with by_hand.opened(bare_dsn, 3) as forward, pytest.raises(RuntimeError, match="was there before"):
        forward([1])
    assert small_steps.rows(runs) == 2


def test_a_contender_that_leaves_a_row_is_found_out(runs):
    floor.undo(runs, 2)
    runs.execute(f"insert into {SCHEMA}.delivery_artifacts (package_id) values ('p2')")
    with pytest.raises(background.WrongRowsLeft, match=r"somebody left 1 rows in .*delivery_artifacts"):
        background.expect_gone(runs, SCHEMA, [2], "somebody")


def test_a_contender_that_deletes_a_row_of_another_run_is_found_out(runs):
    floor.undo(runs, 2)
    runs.execute(f"delete from {SCHEMA}.qc_issues where result_id = 'q3'")
    with pytest.raises(background.WrongRowsLeft, match="qc_issues holds 3 rows, not 6"):
        background.expect_left(runs, SCHEMA, 2)


def test_the_proxy_counts_round_trips_and_statements(runs, bare_dsn):
    with proxy(bare_dsn) as counting:
        with compensate_run.opened(counting.dsn) as undo:
            before = counting.traffic()
            undo(1)
            one = counting.traffic()
        with one_transaction.opened(counting.dsn) as undo:
            connected = counting.traffic()
            undo(2)
            after = counting.traffic()
    assert Traffic(one.trips - before.trips, one.statements - before.statements) == Traffic(1, 1)
    assert Traffic(after.trips - connected.trips, after.statements - connected.statements) == Traffic(12, 12)


def test_the_proxy_delays_each_round_trip_once(bare_dsn):
    with proxy(bare_dsn) as far, psycopg.connect(far.dsn, autocommit=True) as conn:
        far.set_delay(100)
        started = time.perf_counter()
        conn.execute("select 1")
        assert 0.1 <= time.perf_counter() - started < 10
