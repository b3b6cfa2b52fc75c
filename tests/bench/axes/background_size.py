"""The same small undo with ever more runs behind it: it has to stay flat."""

from __future__ import annotations

from contextlib import ExitStack

from .. import contenders
from ..bench import Bench, server
from ..measure import Record, by_turns, of_samples, one_by_one

TITLE = "One run of 22 rows with more and more runs behind it"
AXIS = "background"

_WARM_UP = 20
_TURN = 10


def measure(bench: Bench) -> list[Record]:
    """Measure on a server of its own, which begins empty."""
    with server(bench.scale) as growing:
        return _measure(growing)


def _measure(bench: Bench) -> list[Record]:
    """Fill up to each size, then undo fresh runs by turns."""
    found, _ = contenders.load("floor", "compensate_run")
    times = bench.scale.times[0]
    records = []
    for behind in bench.scale.backgrounds:
        if bench.runs() < behind:
            bench.add_runs(behind - bench.runs())
        numbers = {c.name: bench.add_runs(_WARM_UP + times) for c in found}
        bench.tidy()
        with ExitStack() as stack:
            work = {
                c.name: one_by_one(stack.enter_context(c.opened(bench.dsn)), numbers[c.name]) for c in found
            }
            by_turns(work, _WARM_UP, _WARM_UP)
            taken = by_turns(work, times, _TURN)
        for name, own in numbers.items():
            bench.verify_undone(name, own)
        bench.verify_all()
        records += [
            of_samples(AXIS, name, "seconds", own, **{"runs behind": behind}) for name, own in taken.items()
        ]
    return records
