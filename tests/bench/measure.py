"""Fair timing: contenders by turns, in one process, in changing order; medians and 99th percentiles."""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import psycopg

T = TypeVar("T")


@dataclass(frozen=True)
class Record:
    """One figure: what was measured of whom, under which conditions."""

    axis: str
    contender: str
    measure: str
    """What it is, with its unit: 'seconds', 'WAL bytes', …"""
    value: float
    """The median, where there are samples; see undisturbed, too."""
    conditions: Mapping[str, Any] = field(default_factory=dict)
    samples: int = 1
    p99: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what goes into the machine-readable file."""
        return asdict(self)


def of_samples(
    axis: str, contender: str, measure: str, samples: Sequence[float], **conditions: Any
) -> Record:
    """Return the median of samples, and their 99th percentile where there are enough."""
    p99 = statistics.quantiles(samples, n=100)[98] if len(samples) >= 100 else None
    return Record(axis, contender, measure, statistics.median(samples), conditions, len(samples), p99)


def undisturbed(
    axis: str, contender: str, measure: str, samples: Sequence[float], **conditions: Any
) -> Record:
    """Return the tenth percentile of processor times where there are enough of them, else their median.

    What others do on the machine only adds to them, and to a short one, now and then, as much again.
    """
    if len(samples) < 100:
        return of_samples(axis, contender, measure, samples, **conditions)
    tenth = statistics.quantiles(samples, n=10)[0]
    return Record(axis, contender, measure, tenth, conditions, len(samples))


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def by_turns(
    work: Mapping[str, Callable[[], object]],
    times: int,
    turn: int,
    seed: int = 1,
    measured: Callable[[Callable[[], object]], T] = seconds,
) -> dict[str, list[T]]:
    """Time each piece of work, or measure it otherwise, so many times, by turns, in an order that changes.

    A turn is several times in a row: after a single one we would mostly measure how cold the processor's
    caches are, for each contender has a server process of its own.
    """
    order = list(work)
    shuffle = random.Random(seed).shuffle
    taken: dict[str, list[T]] = {name: [] for name in work}
    for done in range(0, times, turn):
        shuffle(order)
        for name in order:
            taken[name] += [measured(work[name]) for _ in range(min(turn, times - done))]
    return taken


class Busy(NamedTuple):
    """How long something took, by the clock and of processor time, here and in a server process."""

    elapsed: float
    client: float
    server: float

    @property
    def both(self) -> float:
        """The processor time of both: on a busy machine it says more than the clock."""
        return self.client + self.server


def busy(pid: int, work: Callable[[], object]) -> Busy:
    """Measure a piece of work that the server process pid does for this one."""
    server, client, started = server_seconds(pid), time.process_time(), time.perf_counter()
    work()
    elapsed, client = time.perf_counter() - started, time.process_time() - client
    return Busy(elapsed, client, server_seconds(pid) - server)


def server_seconds(pid: int) -> float:
    """Return how long a server process was on a processor, where that is told."""
    file = Path(f"/proc/{pid}/schedstat")
    return int(file.read_text(encoding="ascii").split()[0]) / 1e9 if file.exists() else 0


@contextmanager
def pinned(conn: psycopg.Connection[Any], *, apart: bool = False) -> Iterator[None]:
    """Keep this and server processes that begin now on one core, or on two (apart), where that can be."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    row = conn.execute("select (pg_read_file('postmaster.pid', 0, 20))").fetchone()
    assert row is not None
    postmaster = int(row[0].split()[0])
    before = {pid: os.sched_getaffinity(pid) for pid in (0, postmaster)}
    os.sched_setaffinity(0, {max(before[0])})
    os.sched_setaffinity(postmaster, {min(before[0]) if apart else max(before[0])})
    try:
        yield
    finally:
        for pid, cores in before.items():
            os.sched_setaffinity(pid, cores)


def one_by_one(undo: Callable[[int], object], numbers: range) -> Callable[[], object]:
    """Return work that takes the next number each time."""
    own = iter(numbers)
    return lambda: undo(next(own))


class Together(NamedTuple):
    """What several clients measured at once."""

    latencies: list[float]
    elapsed: float

    def records(self, axis: str, contender: str, clients: int) -> list[Record]:
        """Return latency and throughput."""
        conditions, count = {"clients": clients}, len(self.latencies)
        slowest = statistics.quantiles(self.latencies, n=100)[98]
        return [
            of_samples(axis, contender, "seconds", self.latencies, **conditions),
            Record(axis, contender, "seconds, 99th percentile", slowest, conditions, count),
            Record(axis, contender, "per second", count / self.elapsed, conditions, count),
        ]


Opened = Callable[[str], AbstractContextManager[Callable[[int], object]]]
"""Given a conninfo string, does something for one run number after another."""

_SPAWN = multiprocessing.get_context("spawn")
_PATIENCE = 600


def together(opened: Opened, dsn: str, numbers: range, clients: int, warm_up: int) -> Together:
    """Share numbers among clients, processes with a connection of their own, that begin at the same time."""
    share = len(numbers) // clients
    barrier, answers = _SPAWN.Barrier(clients, timeout=_PATIENCE), _SPAWN.SimpleQueue()
    processes = [
        _SPAWN.Process(
            target=_client,
            args=(opened, dsn, numbers[place * share : (place + 1) * share], warm_up, barrier, answers),
        )
        for place in range(clients)
    ]
    for process in processes:
        process.start()
    latencies, starts, ends = [], [], []
    for _ in processes:
        own, started, ended = answers.get()
        latencies += own
        starts.append(started)
        ends.append(ended)
    for process in processes:
        process.join()
    return Together(latencies, max(ends) - min(starts))


def _client(opened: Opened, dsn: str, numbers: range, warm_up: int, barrier: Any, answers: Any) -> None:
    """One client: its latencies, when it began and when it ended; the clock is the machine's."""
    with opened(dsn) as work:
        own = iter(numbers)
        for _ in range(warm_up):
            work(next(own))
        barrier.wait()
        started = last = time.perf_counter()
        latencies = []
        for number in own:
            work(number)
            now = time.perf_counter()
            latencies.append(now - last)
            last = now
    answers.put((latencies, started, last))


def wal_bytes(conn: psycopg.Connection[Any], work: Callable[[], object]) -> int:
    """Return how much write-ahead log a piece of work makes; conn is not the connection that does it."""

    def place() -> Any:
        row = conn.execute("select pg_current_wal_insert_lsn()").fetchone()
        assert row is not None
        return row[0]

    before = place()
    work()
    row = conn.execute("select pg_wal_lsn_diff(%s, %s)", [place(), before]).fetchone()
    assert row is not None
    return int(row[0])


class PeakMemory:
    """The most private memory that a server process held; None where that cannot be read."""

    def __init__(self) -> None:
        self.bytes: int | None = None


@contextmanager
def peak_memory(pid: int) -> Iterator[PeakMemory]:
    """Watch a server process's private memory while the block runs; shared buffers are left out."""
    peak = PeakMemory()
    status = Path(f"/proc/{pid}/status")
    stop = threading.Event()

    def look() -> None:
        found = re.search(r"RssAnon:\s+(\d+)", status.read_text(encoding="ascii"))
        peak.bytes = max(peak.bytes or 0, int(found[1]) * 1024) if found else None

    def watch() -> None:
        while not stop.wait(0.005):
            look()

    if not status.exists():
        yield peak
        return
    look()
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()
        look()
