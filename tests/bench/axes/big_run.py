"""One run of ever more rows: time, write-ahead log, and the server process's memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import psycopg

from pgunwind import Unwind

from .. import background
from ..background import TABLES_OF_THE_APPLICATION, TABLES_WITH_REAL_KEYS
from ..bench import Bench
from ..contenders import FLOOR, OURS, compensate_run, floor, real_cascade
from ..measure import Record, of_samples, peak_memory, seconds, wal_bytes

TITLE = "One run of more and more rows"
AXIS = "big-run"
BATCHES = "pgunwind: compensate_run_in_batches"

_SMALL = 1_000
"""Rows up to which a run is measured ten times as often, and leaves nothing worth tidying."""


class _Way(NamedTuple):
    name: str
    undo: Callable[[psycopg.Connection[Any], int], object]
    schema: str = TABLES_OF_THE_APPLICATION


def _in_batches(conn: psycopg.Connection[Any], number: int) -> None:
    for _ in Unwind(conn).compensate_run_in_batches(f"r{number}"):
        pass


_WAYS = (
    _Way(FLOOR, floor.undo),
    _Way(OURS, compensate_run.undo),
    _Way(BATCHES, _in_batches),
    _Way(real_cascade.NAME, real_cascade.undo, TABLES_WITH_REAL_KEYS),
)


def measure(bench: Bench) -> list[Record]:
    """For each size all ways in turn, each on a fresh connection that is warmed by a small run."""
    records = []
    for rows in bench.scale.big_runs:
        is_small = rows <= _SMALL
        repeats = bench.scale.repeats * (10 if is_small else 1)
        samples: dict[tuple[str, str], list[float]] = {}
        for place in range(repeats):
            ways = _WAYS[place % len(_WAYS) :] + _WAYS[: place % len(_WAYS)]
            for way in ways:
                for what, value in _one(bench, way, rows).items():
                    samples.setdefault((way.name, what), []).append(value)
            if not is_small:
                bench.tidy()
        bench.tidy()
        bench.verify_all()
        records += [of_samples(AXIS, name, what, own, rows=rows) for (name, what), own in samples.items()]
    return records


def _one(bench: Bench, way: _Way, rows: int) -> dict[str, float]:
    small, big = numbers = bench.add_runs(2, way.schema)
    background.add_rows(bench.conn, big, rows - background.ROWS_PER_RUN, way.schema)
    if rows > _SMALL:
        bench.conn.execute(f"analyze {way.schema}.production_bundles, {way.schema}.production_bundle_assets")
    taken = []
    with psycopg.connect(bench.dsn, autocommit=True) as conn:
        way.undo(conn, small)
        with peak_memory(conn.info.backend_pid) as peak:
            written = wal_bytes(bench.conn, lambda: taken.append(seconds(partial(way.undo, conn, big))))
    bench.verify_undone(way.name, numbers, way.schema)
    figures = {"seconds": taken[0], "WAL bytes": float(written)}
    return figures if peak.bytes is None else figures | {"peak bytes": float(peak.bytes)}
