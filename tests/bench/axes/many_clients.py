"""Many connections that each undo runs of their own, in processes of their own."""

from __future__ import annotations

from .. import contenders
from ..bench import Bench
from ..measure import Record, together

TITLE = "Many clients, each undoing runs of its own"
AXIS = "clients"

_WARM_UP = 10


def measure(bench: Bench) -> list[Record]:
    """Throughput and latency of each contender by number of clients; the server has fsync off."""
    found, _ = contenders.load("floor", "compensate_run", "first_user")
    records = []
    for clients in bench.scale.clients:
        for contender in found:
            numbers = bench.add_runs((bench.scale.runs_per_client + _WARM_UP) * clients)
            bench.tidy()
            result = together(contender.opened, bench.dsn, numbers, clients, _WARM_UP)
            bench.verify_undone(contender.name, numbers)
            bench.verify_all()
            records += result.records(AXIS, contender.name, clients)
    return records
