"""Many runs undone at once, beside the same ten deletes with all keys in arrays, and beside one by one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import psycopg

from ..bench import Bench
from ..contenders import compensate_run
from ..measure import Record, of_samples, seconds

TITLE = "Many runs at once, seconds for each run (fsync on)"
AXIS = "mass"
FLOOR = "set-based floor: ten deletes with arrays of keys, no receipts"
ONE_BY_ONE = "pgunwind: compensate_run, one by one"
RUNS = "pgunwind: compensate_runs"
SWEEP = "pgunwind: recover_runs"

_ONE_BY_ONE_UP_TO: Final = 10_000
"""More than that takes minutes and tells nothing new."""

_Undo = Callable[[psycopg.Connection[Any], range], object]


def _floor(conn: psycopg.Connection[Any], numbers: range) -> None:
    keys = [[f"{letter}{number}" for number in numbers] for letter in "bsdqp"]
    conn.execute("select client_to_delivery.floor_of_many(%s, %s, %s, %s, %s)", keys)


def _one_by_one(conn: psycopg.Connection[Any], numbers: range) -> None:
    for number in numbers:
        compensate_run.undo(conn, number)


def _runs(conn: psycopg.Connection[Any], numbers: range) -> None:
    conn.execute("select * from unwind.compensate_runs(%s)", [[f"r{number}" for number in numbers]])


def _sweep(conn: psycopg.Connection[Any], numbers: range) -> None:
    conn.execute("call unwind.recover_runs(max_runs => %s)", [len(numbers)])


_WAYS: Final[dict[str, _Undo]] = {FLOOR: _floor, RUNS: _runs, SWEEP: _sweep, ONE_BY_ONE: _one_by_one}


def measure(bench: Bench) -> list[Record]:
    """For each number of runs all ways in turn."""
    bench.set_durable(True)
    records = []
    with psycopg.connect(bench.dsn, autocommit=True) as conn:
        for count in bench.scale.mass:
            records += _so_many(bench, conn, count)
    bench.set_durable(False)
    return records


def _so_many(bench: Bench, conn: psycopg.Connection[Any], count: int) -> list[Record]:
    samples: dict[str, list[float]] = {}
    for _ in range(bench.scale.repeats):
        for name, undo in _WAYS.items():
            if name == ONE_BY_ONE and count > _ONE_BY_ONE_UP_TO:
                continue
            numbers = bench.add_runs(count)
            if name == SWEEP:
                _fail(bench, numbers)
            bench.tidy()
            samples.setdefault(name, []).append(seconds(partial(undo, conn, numbers)) / count)
            bench.verify_undone(name, numbers)
    bench.verify_all()
    return [of_samples(AXIS, name, "seconds a run", own, runs=count) for name, own in samples.items()]


def _fail(bench: Bench, numbers: range) -> None:
    bench.conn.execute(
        "update unwind.workflow_runs set status = 'FAILED' where id = any(%s)",
        [[f"r{number}" for number in numbers]],
    )
