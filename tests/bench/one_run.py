"""One undo of a 22-row run, beside the floor: hand-written static PL/pgSQL of the same deletes.

Both are called by the same client over the same connection, interleaved, on runs made just before; the floor
keeps no ledger and writes no receipts. Also shows the plan of every generated statement.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import background
import psycopg

from pgunwind import manifest
from pgunwind.examples.client_to_delivery import install
from pgunwind.server import running_server

BEHIND = 100_000
ROUNDS = 500
WARM_UP = 50
SETTINGS = {"synchronous_commit": "off", "shared_buffers": "1GB", "max_wal_size": "8GB", "autovacuum": "off"}


def main() -> int:
    """Measure, print, and fail where a statement would read a whole table."""
    with running_server(SETTINGS) as dsn, psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("drop database if exists pgunwind_bench")
        conn.execute("create database pgunwind_bench")
        try:
            with psycopg.connect(dsn, dbname="pgunwind_bench", autocommit=True) as bench:
                manifest.install(bench)
                install(bench)
                background.load(bench, BEHIND)
                report(bench, measure(bench))
                return report_scans(bench)
        finally:
            conn.execute("drop database pgunwind_bench with (force)")


def measure(conn: psycopg.Connection[Any]) -> dict[str, float]:
    """Median microseconds of each contender."""
    contenders: dict[str, Callable[[int], Any]] = {
        "empty round trip": lambda n: conn.execute("select 1"),
        "floor": lambda n: conn.execute(
            "select client_to_delivery.floor(%s, %s, %s, %s, %s)", [f"{prefix}{n}" for prefix in "bsdqp"]
        ),
        "compensate_run": lambda n: conn.execute("select * from unwind.compensate_run(%s)", [f"r{n}"]),
    }
    times: dict[str, list[float]] = {name: [] for name in contenders}
    number = BEHIND
    for _ in range(WARM_UP + ROUNDS):
        for name, undo in contenders.items():
            number += 1
            background.add_runs(conn, number, number)
            started = time.perf_counter()
            undo(number)
            times[name].append(time.perf_counter() - started)
    return {name: statistics.median(values[WARM_UP:]) * 1e6 for name, values in times.items()}


def report(conn: psycopg.Connection[Any], medians: dict[str, float]) -> None:
    """Print a table: microseconds, and the ratio to the floor."""
    print(f"one run of {background.ROWS_PER_RUN} rows, {BEHIND:,} runs behind, median of {ROUNDS}")
    print(f"PostgreSQL {conn.info.server_version // 10000}, synchronous_commit off, one connection\n")
    for name, microseconds in medians.items():
        print(f"  {name:<18}{microseconds:8.0f} us   {microseconds / medians['floor']:5.2f} x floor")


def report_scans(conn: psycopg.Connection[Any]) -> int:
    """Print how each generated statement finds its rows; 1 if one of them reads a whole table."""
    conn.execute("load 'auto_explain'")
    conn.execute("set auto_explain.log_min_duration = 0")
    conn.execute("set auto_explain.log_nested_statements = on")
    conn.execute("set client_min_messages = log")
    plans: list[str] = []
    conn.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
    conn.execute("select * from unwind.compensate_run('r1')")
    domain = [plan for plan in plans if "client_to_delivery." in plan]
    whole = [plan for plan in domain if "Seq Scan" in plan]
    print(f"\n{len(domain)} statements on the domain tables, {len(whole)} of them with a sequential scan")
    print("\n".join(whole), end="")
    return 1 if whole or not domain else 0


if __name__ == "__main__":
    sys.exit(main())
