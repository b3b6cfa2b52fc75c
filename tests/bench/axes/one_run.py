"""One run of 22 rows, undone by everybody, near and far, with and without fsync."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

import psycopg

from .. import contenders
from ..bench import Bench
from ..contenders import BY_HAND, FLOOR, OURS, Contender
from ..measure import Record, by_turns, of_samples, one_by_one, wal_bytes
from ..proxy import Proxy, proxy

TITLE = "One run of 22 rows"
AXIS = "one-run"

_WARM_UP = 10
_COUNTED = 5
_TURN = 10
_FAR = 20
"""Milliseconds from which on the distance is all that counts."""

_CALLS = {
    FLOOR: "client_to_delivery.floor('b' || n, 's' || n, 'd' || n, 'q' || n, 'p' || n)",
    BY_HAND: "* from client_to_delivery.by_hand('r' || n)",
    OURS: "* from unwind.compensate_run('r' || n)",
}
_CLOCK = """
create function pg_temp.seconds_{place}(n int) returns float language plpgsql as $$
declare
    v_start timestamptz := clock_timestamp();
begin
    perform {call};
    return extract(epoch from clock_timestamp() - v_start);
end
$$;
"""


def measure(bench: Bench) -> list[Record]:
    """Latency by distance and fsync; round trips, statements and WAL; those that run inside the server."""
    found, missing = contenders.load()
    for module, reason in missing.items():
        print(f"not here: {module}: {reason}; make bench installs what it needs")
    records = []
    with proxy(bench.dsn) as far:
        records += _traffic(bench, found, far)
        for durable in (False, True):
            bench.set_durable(durable)
            for milliseconds in bench.scale.times:
                records += _latency(bench, found, far, milliseconds, durable)
        bench.set_durable(False)
    return records + _inside_the_server(bench)


def _latency(
    bench: Bench, found: list[Contender], far: Proxy, milliseconds: int, durable: bool
) -> list[Record]:
    """Undo by everybody in turn; without delay straight, else through the proxy."""
    times = bench.scale.times[milliseconds]
    numbers = {c.name: bench.add_runs(_WARM_UP + times, c.schema) for c in found}
    bench.tidy()
    far.set_delay(0)
    with ExitStack() as stack:
        opened = {
            c.name: stack.enter_context(c.opened(far.dsn if milliseconds else bench.dsn)) for c in found
        }
        work = {name: one_by_one(opened[name], own) for name, own in numbers.items()}
        by_turns(work, _WARM_UP, _WARM_UP)
        far.set_delay(milliseconds)
        taken = by_turns(work, times, _TURN if milliseconds < _FAR else 1)
        far.set_delay(0)
    _verify(bench, found, numbers)
    conditions = {"ms away": milliseconds, "fsync": "on" if durable else "off"}
    return [of_samples(AXIS, name, "seconds", samples, **conditions) for name, samples in taken.items()]


def _traffic(bench: Bench, found: list[Contender], far: Proxy) -> list[Record]:
    """Count what one undo sends, and the write-ahead log that it makes, once warm."""
    records = []
    numbers = {c.name: bench.add_runs(_WARM_UP + _COUNTED, c.schema) for c in found}
    for contender in found:
        with contender.opened(far.dsn) as undo:
            own = iter(numbers[contender.name])
            for _ in range(_WARM_UP):
                undo(next(own))
            before = far.traffic()
            counted = list(own)
            written = wal_bytes(bench.conn, partial(_undo_all, undo, counted))
            after = far.traffic()
        for measure, value in {
            "round trips": (after.trips - before.trips) / len(counted),
            "statements": (after.statements - before.statements) / len(counted),
            "WAL bytes": written / len(counted),
        }.items():
            records.append(Record(AXIS, contender.name, measure, value, samples=len(counted)))
    _verify(bench, found, numbers)
    return records


def _undo_all(undo: Any, numbers: list[int]) -> None:
    for number in numbers:
        undo(number)


def _inside_the_server(bench: Bench) -> list[Record]:
    """Those that run in the server, by its own clock: no client, no commit."""
    rounds = bench.scale.times[0]
    numbers = {name: bench.add_runs(rounds + _WARM_UP) for name in _CALLS}
    bench.tidy()
    times: dict[str, list[float]] = {name: [] for name in _CALLS}
    with psycopg.connect(bench.dsn, autocommit=True) as conn:
        for place, call in enumerate(_CALLS.values()):
            conn.execute(_CLOCK.format(place=place, call=call))
        for turn in range(rounds + _WARM_UP):
            for place, name in enumerate(_CALLS):
                row = conn.execute(f"select pg_temp.seconds_{place}(%s)", [numbers[name][turn]]).fetchone()
                assert row is not None
                times[name].append(row[0])
    for name, own in numbers.items():
        bench.verify_undone(name, own)
    bench.verify_all()
    return [
        of_samples(AXIS, name, "seconds inside the server", own[_WARM_UP:]) for name, own in times.items()
    ]


def _verify(bench: Bench, found: list[Contender], numbers: Mapping[str, range]) -> None:
    for contender in found:
        bench.verify_undone(contender.name, numbers[contender.name], contender.schema)
    bench.verify_all()
