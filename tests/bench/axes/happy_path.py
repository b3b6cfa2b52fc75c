"""What pgunwind costs a run that goes well: five steps, with and without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from pgunwind import Unwind

from ..bench import Bench
from ..measure import Opened, Record, together
from ..proxy import proxy

TITLE = "The happy path: a run of five steps that goes well"
AXIS = "happy-path"
BARE = "bare application: a transaction a step"
WITH_PGUNWIND = "the same with pgunwind's client"

_WARM_UP = 10
_COUNTED = 5

_STEPS: Final = (
    (
        "brief",
        "insert into client_to_delivery.onboarding_brief (id, client_id) values (%(b)s, 'client')",
        "insert into client_to_delivery.onboarding_intake (id, client_id, brief_id) "
        "values (%(i)s, 'client', %(b)s)",
    ),
    ("strategy", "insert into client_to_delivery.strategy_document (id, brief_id) values (%(s)s, %(b)s)"),
    (
        "draft",
        "insert into client_to_delivery.production_drafts (draft_id, strategy_id) values (%(d)s, %(s)s)",
        "insert into client_to_delivery.production_bundles (bundle_id, draft_id) "
        "select 'u' || %(n)s || '-' || k, %(d)s from generate_series(1, 3) as k",
        "insert into client_to_delivery.production_bundle_assets (asset_id, bundle_id) "
        "select 'a' || %(n)s || '-' || k || '-' || j, 'u' || %(n)s || '-' || k "
        "from generate_series(1, 3) as k, generate_series(1, 2) as j",
    ),
    (
        "qc",
        "insert into client_to_delivery.qc_results (id, draft_id, passed) values (%(q)s, %(d)s, true)",
        "insert into client_to_delivery.qc_issues (id, result_id) "
        "select %(n)s::int * 10 + k, %(q)s from generate_series(1, 3) as k",
    ),
    (
        "package",
        "insert into client_to_delivery.delivery_packages (package_id, draft_id) values (%(p)s, %(d)s)",
        "insert into client_to_delivery.delivery_artifacts (package_id, position) "
        "select %(p)s, k from generate_series(1, 4) as k",
    ),
)


def _values(number: int) -> dict[str, str]:
    return {"n": str(number)} | {letter: f"{letter}{number}" for letter in "bisdqp"}


@contextmanager
def _bare(dsn: str) -> Iterator[Callable[[int], None]]:
    with psycopg.connect(dsn, autocommit=True) as conn:

        def forward(number: int) -> None:
            for _, *statements in _STEPS:
                with conn.transaction():
                    for statement in statements:
                        conn.execute(statement, _values(number))

        yield forward


@contextmanager
def _with_pgunwind(dsn: str) -> Iterator[Callable[[int], None]]:
    with psycopg.connect(dsn, autocommit=True) as conn:
        unwind = Unwind(conn)

        def forward(number: int) -> None:
            values = _values(number)
            with unwind.run("client_to_delivery", run_id=f"r{number}") as run:
                for step, *statements in _STEPS:
                    with run.step(step, values[step[0]]) as own:
                        for statement in statements:
                            own.execute(statement, values)

        yield forward


_WAYS: Final[dict[str, Opened]] = {BARE: _bare, WITH_PGUNWIND: _with_pgunwind}


def measure(bench: Bench) -> list[Record]:
    """Round trips of one run, then latency and throughput by number of clients."""
    records = _traffic(bench)
    for clients in bench.scale.clients:
        for name, way in _WAYS.items():
            numbers = bench.reserve((bench.scale.runs_per_client + _WARM_UP) * clients)
            result = together(way, bench.dsn, numbers, clients, _WARM_UP)
            bench.verify_done(numbers)
            records += result.records(AXIS, name, clients)
    return records


def _traffic(bench: Bench) -> list[Record]:
    records = []
    with proxy(bench.dsn) as counting:
        for name, way in _WAYS.items():
            numbers = bench.reserve(_WARM_UP + _COUNTED)
            own = iter(numbers)
            with way(counting.dsn) as forward:
                for _ in range(_WARM_UP):
                    forward(next(own))
                before = counting.traffic()
                for number in own:
                    forward(number)
                after = counting.traffic()
            bench.verify_done(numbers)
            for measure, value in {
                "round trips": (after.trips - before.trips) / _COUNTED,
                "statements": (after.statements - before.statements) / _COUNTED,
            }.items():
                records.append(Record(AXIS, name, measure, value, samples=_COUNTED))
    return records
