"""Many runs undone by one recover_runs, beside one compensate_run for each; default durability.

And one big run in batches: the server process's memory, and the longest batch.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import background
import psycopg

from pgunwind import Unwind, manifest
from pgunwind.examples.client_to_delivery import install
from pgunwind.server import running_server

BEHIND = 20_000
RUNS = 5_000
BIG = (100_000, 1_000_000)
BATCH = 10_000
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_wal_size": "8GB"}
MANY = """
create table parents (id text primary key);
create table children (
    id int generated always as identity primary key, parent_id text references parents, body text
);
create index on children (parent_id);
select unwind.define_workflow('bulk');
select unwind.define_step('bulk', 'parent', 'parents', 'id');
select unwind.declare_foreign_key('children', '{parent_id}', 'parents', '{id}');
"""


def main() -> int:
    """Measure and print."""
    with running_server(DURABLE, on_disk=True) as dsn, psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("drop database if exists pgunwind_mass")
        conn.execute("create database pgunwind_mass")
        try:
            with psycopg.connect(dsn, dbname="pgunwind_mass", autocommit=True) as bench:
                manifest.install(bench)
                install(bench)
                background.load(bench, BEHIND)
                mass(bench)
                bench.execute(MANY)
                for rows in BIG:
                    big(dsn, bench, rows)
        finally:
            conn.execute("drop database pgunwind_mass with (force)")
    return 0


def mass(conn: psycopg.Connection[Any]) -> None:
    """RUNS runs one by one, and as many by one sweep."""
    first = BEHIND + 1
    background.add_runs(conn, first, first + 2 * RUNS - 1)
    conn.execute(
        "update unwind.workflow_runs set status = 'FAILED' where id = any(%s)",
        [[f"r{number}" for number in range(first + RUNS, first + 2 * RUNS)]],
    )
    started = time.perf_counter()
    for number in range(first, first + RUNS):
        conn.execute("select * from unwind.compensate_run(%s)", [f"r{number}"])
    single = (time.perf_counter() - started) / RUNS
    started = time.perf_counter()
    done = conn.execute("call unwind.recover_runs(max_runs => %s)", [RUNS]).fetchone()
    swept = (time.perf_counter() - started) / RUNS
    assert done == (RUNS, 0), done
    kept = "select count(*), count(distinct run_id) from unwind.compensations"
    receipts = conn.execute(kept).fetchone()
    print(f"{RUNS:,} runs of {background.ROWS_PER_RUN} rows; receipts, and runs with them: {receipts}")
    print(f"  compensate_run each   {single * 1e6:8.0f} us a run")
    print(f"  one recover_runs      {swept * 1e6:8.0f} us a run   {single / swept:5.2f} times faster")


def big(dsn: str, conn: psycopg.Connection[Any], rows: int) -> None:
    """One run of so many rows in batches, stopped half-way and taken up again."""
    run = f"big-{rows}"
    conn.execute("select unwind.start_run('bulk', %s), unwind.record_step(%s, 'parent', %s)", [run] * 3)
    conn.execute("insert into parents values (%s)", [run])
    conn.execute(
        "insert into children (parent_id, body) select %s, repeat('x', 50) from generate_series(1, %s)",
        [run, rows],
    )
    conn.execute("vacuum analyze children")
    batches: list[float] = []
    with psycopg.connect(dsn, dbname="pgunwind_mass", autocommit=True) as worker:
        unwind = Unwind(worker)
        before = memory(worker)
        started = last = time.perf_counter()
        for progress in unwind.compensate_run_in_batches(run, BATCH):
            batches.append(time.perf_counter() - last)
            last = time.perf_counter()
            if progress.rows_done >= rows / 2:
                break
        halfway = conn.execute(
            "select sum(rows_deleted) from unwind.compensations where run_id = %s", [run]
        ).fetchone()
        last = time.perf_counter()
        for _ in unwind.compensate_run_in_batches(run, BATCH, force=True):
            batches.append(time.perf_counter() - last)
            last = time.perf_counter()
        seconds = time.perf_counter() - started
        after = memory(worker)
    total = conn.execute(
        "select sum(rows_deleted) from unwind.compensations where run_id = %s", [run]
    ).fetchone()
    assert total == (rows + 1,), total
    print(
        f"{rows:>9,} rows in batches of {BATCH:,}, stopped at {halfway and halfway[0]:,} and resumed: "
        f"{seconds:.1f} s, "
        f"receipts {total[0]:,}; server process {before} -> {after} kB private, "
        f"batch median {statistics.median(batches) * 1e3:.0f} ms"
    )


def memory(conn: psycopg.Connection[Any]) -> int:
    """The most private memory in kB that the server process holds, shared buffers left out."""
    status = Path(f"/proc/{conn.info.backend_pid}/status").read_text(encoding="ascii")
    found = re.search(r"RssAnon:\s+(\d+)", status)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    sys.exit(main())
