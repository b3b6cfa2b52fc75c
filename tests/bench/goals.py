"""What pgunwind has to reach, and what it reached in this run."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, NamedTuple

from .axes import background_size, big_run, capture, forward, mass_undo, one_run
from .contenders import FIRST_USER, FLOOR, OURS
from .contenders.real_cascade import NAME as CASCADE
from .measure import Record
from .ways import ASYNC, BARE, BY_HAND, OURS_LAST
from .ways import OURS as CLIENT


class Goal(NamedTuple):
    """A goal and what was measured."""

    text: str
    limit: float
    measured: float
    reached: bool


def judge(records: Sequence[Record]) -> list[Goal]:
    """Return a goal for each figure that it needs and that was measured."""
    figures = _Figures(records)
    goals = []

    def add(
        text: str, limit: float, over: Record | None, under: Record | None, fits: Callable[..., bool]
    ) -> None:
        if over and under:
            ratio = over.value / under.value
            goals.append(Goal(text, limit, ratio, fits(ratio, limit)))

    one = figures.of(one_run.AXIS)
    inside = one.of_measure("seconds inside the server")
    add(
        "one run, inside the server: of the floor, at most",
        1.2,
        inside.get(OURS),
        inside.get(FLOOR),
        operator.le,
    )
    straight = one.of_measure("seconds", **{"ms away": 0, "fsync": "off"})
    add(
        "one run, as a client beside the server sees it: of the floor, at most",
        1.2,
        straight.get(OURS),
        straight.get(FLOOR),
        operator.le,
    )
    for distance, limit in ((0, 4), (50, 20)):
        near = one.of_measure("seconds", **{"ms away": distance, "fsync": "off"})
        text = f"one run at {distance} ms: faster than the first user's Python, at least"
        add(text, limit, near.get(FIRST_USER), near.get(OURS), operator.ge)
    big = figures.of(big_run.AXIS)
    for rows in big.values("rows"):
        own = big.of_measure("seconds", rows=rows)
        if rows >= 10_000:
            add(f"{rows:,} rows: of the floor, at most", 1.05, own.get(OURS), own.get(FLOOR), operator.le)
        if rows >= 1_000:
            text = f"{rows:,} rows: faster than ON DELETE CASCADE, more than"
            add(text, 1, own.get(CASCADE), own.get(OURS), operator.gt)
    behind = figures.of(background_size.AXIS)
    sizes = behind.values("runs behind")
    if len(sizes) > 1:
        few, many = (
            behind.of_measure("seconds", **{"runs behind": size}).get(OURS) for size in (sizes[0], sizes[-1])
        )
        add(f"{sizes[-1]:,} runs behind: of {sizes[0]:,}, at most", 1.2, many, few, operator.le)
    mass = figures.of(mass_undo.AXIS)
    for runs in (size for size in mass.values("runs") if size >= 1_000):
        own = mass.of_measure("seconds a run", runs=runs)
        for way in (mass_undo.RUNS, mass_undo.SWEEP):
            text = f"{runs:,} runs by {way.removeprefix('pgunwind: ')}: of the set-based floor, at most"
            add(text, 1.3, own.get(way), own.get(mass_undo.FLOOR), operator.le)
        text = f"{runs:,} runs by recover_runs: faster than one by one, at least"
        add(text, 4, own.get(mass_undo.ONE_BY_ONE), own.get(mass_undo.SWEEP), operator.ge)
    return [*goals, *_of_runs_that_go_well(figures.of(forward.AXIS)), *_of_capture(figures.of(capture.AXIS))]


_FAR = (
    (1, CLIENT, 3, 1.25),
    (1, CLIENT, 5, 1.25),
    (20, CLIENT, 3, 1.12),
    (20, CLIENT, 5, 1.07),
    (20, OURS_LAST, 3, 1.02),
    (20, OURS_LAST, 5, 1.02),
)
"""Milliseconds away, who, steps, and how much of the bare application it may take."""


def _of_runs_that_go_well(figures: _Figures) -> list[Goal]:
    goals = []

    def add(text: str, limit: float, over: Record | None, under: Record | None) -> None:
        if over and under:
            ratio = over.value / under.value
            goals.append(Goal(text, limit, ratio, ratio <= limit))

    for steps in forward.STEPS:
        pinned = figures.of_measure("seconds", steps=steps, place=forward.PINNED)
        processor = figures.of_measure(forward.PROCESSOR, steps=steps)
        for kind in ("", ASYNC):
            text = f"{steps} steps{kind}, on one core: of the ledger by hand, at most"
            add(text, 1.3, pinned.get(CLIENT + kind), pinned.get(BY_HAND + kind))
            text = f"{steps} steps{kind}, processor time on one core: of the ledger by hand, at most"
            add(text, 1.3, processor.get(CLIENT + kind), processor.get(BY_HAND + kind))
        trips = figures.of_measure("round trips", steps=steps)
        add(
            f"{steps} steps with last=True: of the bare round trips", 1, trips.get(OURS_LAST), trips.get(BARE)
        )
    for distance, who, steps, limit in _FAR:
        far = figures.of_measure("seconds", steps=steps, place=forward.place(distance))
        text = f"{steps} steps {distance} ms away, {who}: of the bare application, at most"
        add(text, limit, far.get(who), far.get(BARE))
    return goals


_WRITING = {
    ("ordinary", "one"): (1.3, 1.3, 1.3),
    ("ordinary", "many"): (2.0, 2.5, 3.3),
    ("partitioned", "one"): (1.3, 1.3, 1.3),
    ("partitioned", "many"): (5.1, 5.1, 7.4),
}
"""How much of no trigger a statement may take inside a run, by kind of table: insert, update, delete."""
_OUTSIDE = {
    ("ordinary", "one"): (1.1, 1.1, 1.1),
    ("partitioned", "one"): (1.1, 1.1, 1.1),
    ("partitioned", "many"): (1.5, 1.5, 3.0),
}
"""Likewise outside."""
_UNDOING = (
    (capture.BY_KEYS, capture.INSERTED, 1.0),
    (capture.BY_KEYS, capture.MIXED, 1.5),
    (capture.BARE, capture.INSERTED, 8),
    (capture.BARE, capture.MIXED, 40),
)
"""Whose undo, beside which, and how much of that it may take."""


def _of_capture(figures: _Figures) -> list[Goal]:
    goals = []

    def add(text: str, limit: float, over: Record | None, under: Record | None) -> None:
        if over and under:
            ratio = over.value / under.value
            goals.append(Goal(text, limit, ratio, ratio <= limit))

    for rows, kind in product(figures.values("rows"), capture.TABLES):
        size = kind, "one" if rows == 1 else "many"
        for how, (place, statement) in product(capture.HOW[size[1]], enumerate(capture.STATEMENTS)):
            of = {"rows": rows, "statement": statement, "how": how}
            own = figures.of_measure(capture.judged(kind, how), **of) or figures.of_measure(
                capture.writing(kind), **of
            )
            what = f"{statement} of {rows:,}, {kind} table, {how}"
            inside, plain = own.get(capture.INSIDE), own.get(capture.PLAIN)
            add(f"{what}, inside a run: of no trigger, at most", _WRITING[size][place], inside, plain)
            if size in _OUTSIDE:
                outside = own.get(capture.OUTSIDE)
                add(f"{what}, outside a run: of no trigger, at most", _OUTSIDE[size][place], outside, plain)
            add(f"{what}, inside a run: of the audit trigger, at most", 1, inside, own.get(capture.AUDITED))
    for rows in figures.values("rows undone"):
        own = figures.of_measure(capture.UNDOING, **{"rows undone": rows})
        for beside, who, limit in _UNDOING:
            add(f"undo of {rows:,} rows {who}: of {beside}, at most", limit, own.get(who), own.get(beside))
    return goals


class _Figures:
    """Records to choose from."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records

    def of(self, axis: str) -> _Figures:
        return _Figures([record for record in self._records if record.axis == axis])

    def of_measure(self, measure: str, **conditions: Any) -> dict[str, Record]:
        return {
            record.contender: record
            for record in self._records
            if record.measure == measure and conditions.items() <= record.conditions.items()
        }

    def values(self, condition: str) -> list[Any]:
        return sorted(
            {record.conditions[condition] for record in self._records if condition in record.conditions}
        )
