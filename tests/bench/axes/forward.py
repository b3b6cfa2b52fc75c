"""What a run that goes well costs: small steps by everybody, near and far, on one core and on all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Final

import psycopg

from .. import small_steps, ways
from ..bench import Bench
from ..measure import Record, by_turns, of_samples, pinned, server_seconds, together
from ..proxy import Proxy, proxy
from ..ways import Forward, Way

TITLE = "A run that goes well"
AXIS = "forward"
STEPS: Final = (3, 5)
PINNED: Final = "one core"
PROCESSOR: Final = "client and server seconds"
"""Of processor time: on a busy machine it says more than the clock."""
_ALL_CORES: Final = "all cores"
_DISTANCES: Final = (1, 20)

_WARM_UP = 20
_COUNTED = 5
_TURN = 10
"""Runs in a row: on two cores the scheduler puts client and server now on one, now on two."""


def place(milliseconds: int) -> str:
    """Return how the records name a distance."""
    return f"{milliseconds} ms away"


def measure(bench: Bench) -> list[Record]:
    """Round trips; time and processor time on one core; time on all, and far away; throughput."""
    small_steps.prepare(bench.conn)
    found, missing = ways.load()
    for module, reason in missing.items():
        print(f"not here: {module}: {reason}; make bench installs what it needs")
    records = []
    runs = _Runs(bench)
    with proxy(bench.dsn) as far:
        for steps in STEPS:
            records += _traffic(runs, found, far, steps)
            with pinned(bench.conn):
                records += _latency(runs, found, bench.dsn, steps, PINNED, bench.scale.times[0])
                records += _processor_time(runs, found, steps)
            records += _latency(runs, found, bench.dsn, steps, _ALL_CORES, bench.scale.times[0])
            for milliseconds in (m for m in _DISTANCES if m in bench.scale.times):
                times = bench.scale.times[milliseconds]
                records += _latency(
                    runs,
                    found,
                    far.dsn,
                    steps,
                    place(milliseconds),
                    times,
                    partial(far.set_delay, milliseconds),
                )
                far.set_delay(0)
    return records + _throughput(runs, found)


class _Runs:
    """Hands out numbers, and sees that each run left its rows and is completed."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._rows = small_steps.rows(bench.conn)

    def take(self, count: int, steps: int) -> Iterator[int]:
        """Return numbers that no run has."""
        self._rows += count * steps
        return iter(self.bench.reserve(count))

    def verify(self) -> None:
        """See that nobody left out a step, or completed no run."""
        left = small_steps.rows(self.bench.conn)
        if left != self._rows:
            raise RuntimeError(f"the runs left {left} rows, not {self._rows}")
        row = self.bench.conn.execute(
            "select (select count(*) from unwind.workflow_runs where workflow = %s and status <> 'COMPLETED')"
            " + (select count(*) from by_hand.runs where status <> 'COMPLETED')",
            [small_steps.WORKFLOW],
        ).fetchone()
        if row != (0,):
            raise RuntimeError("a run was not completed")


def _turns(forward: Forward, numbers: Iterator[int], length: int) -> Callable[[], object]:
    """Return work that executes the next few runs."""
    return lambda: forward([next(numbers) for _ in range(length)])


@contextmanager
def _opened(runs: _Runs, found: list[Way], dsn: str, steps: int) -> Iterator[dict[str, Forward]]:
    """All ways, each warmed up."""
    with ExitStack() as stack:
        opened = {way.name: stack.enter_context(way.opened(dsn, steps)) for way in found}
        for forward in opened.values():
            forward(list(runs.take(_WARM_UP, steps)))
        yield opened
    runs.verify()


def _latency(
    runs: _Runs,
    found: list[Way],
    dsn: str,
    steps: int,
    where: str,
    times: int,
    move_away: Callable[[], object] = lambda: None,
) -> list[Record]:
    """Execute runs by everybody in turn."""
    length = min(_TURN, times)
    turns = times // length
    runs.bench.tidy()
    with _opened(runs, found, dsn, steps) as opened:
        move_away()
        work = {
            name: _turns(forward, runs.take(turns * length, steps), length)
            for name, forward in opened.items()
        }
        taken = by_turns(work, turns, 1)
    return [
        of_samples(AXIS, name, "seconds", [sample / length for sample in samples], steps=steps, place=where)
        for name, samples in taken.items()
    ]


def _processor_time(runs: _Runs, found: list[Way], steps: int) -> list[Record]:
    """Measure how long a run keeps a processor busy, in the client and in its server processes, by turns."""
    times = runs.bench.scale.times[0]
    length = min(_TURN, times)
    with _opened(runs, found, runs.bench.dsn, steps) as opened:
        work = {name: _turns(forward, runs.take(times, steps), length) for name, forward in opened.items()}
        taken = by_turns(work, times // length, 1, measured=partial(_busy, runs.bench.conn))
    records = []
    for name, samples in taken.items():
        for place, measure in enumerate(("client seconds", "server seconds")):
            own = [sample[place] / length for sample in samples]
            records.append(of_samples(AXIS, name, measure, own, steps=steps))
        both = [sum(sample) / length for sample in samples]
        records.append(of_samples(AXIS, name, PROCESSOR, both, steps=steps))
    return records


def _busy(conn: psycopg.Connection[Any], work: Callable[[], object]) -> tuple[float, float]:
    """Return how long a piece of work keeps a processor busy: in this process, in those of the server."""
    server, client = _server_seconds(conn), time.process_time()
    work()
    return time.process_time() - client, _server_seconds(conn) - server


def _server_seconds(conn: psycopg.Connection[Any]) -> float:
    """Return how long this database's other server processes were on a processor, where that is told."""
    pids = conn.execute(
        "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    ).fetchall()
    return sum(server_seconds(pid) for (pid,) in pids)


def _traffic(runs: _Runs, found: list[Way], far: Proxy, steps: int) -> list[Record]:
    """Count round trips and statements of one run."""
    records = []
    for way in found:
        with _opened(runs, [way], far.dsn, steps) as opened:
            before = far.traffic()
            opened[way.name](list(runs.take(_COUNTED, steps)))
            after = far.traffic()
        for measure, value in {
            "round trips": (after.trips - before.trips) / _COUNTED,
            "statements": (after.statements - before.statements) / _COUNTED,
        }.items():
            records.append(Record(AXIS, way.name, measure, value, {"steps": steps}, _COUNTED))
    return records


def _throughput(runs: _Runs, found: list[Way]) -> list[Record]:
    """Execute runs on several connections at once."""
    records = []
    steps = STEPS[0]
    chosen = [way for way in found if way.name in (ways.BARE, ways.BY_HAND, ways.OURS, ways.OURS_LAST)]
    for clients in (1, 2, 4, 8):
        for way in chosen:
            count = (runs.bench.scale.runs_per_client + _WARM_UP) * clients
            numbers = list(runs.take(count, steps))
            opened = partial(ways.one_at_a_time, way.module, steps)
            done = together(opened, runs.bench.dsn, range(numbers[0], numbers[-1] + 1), clients, _WARM_UP)
            runs.verify()
            records += done.records(AXIS, way.name, clients)
    return records
