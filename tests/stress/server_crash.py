"""The server is stopped at once, again and again, during steps, compensations and batches.

    python tests/stress/server_crash.py --crashes 20 [--seed N]

It brings a server of its own and stops it as pg_ctl stop -m immediate does. After each restart the sweep goes
on; at the end the same has to be so as in kill_matrix.py, and the receipts of the runs that were undone in
batches add up to what they had.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable

import psycopg
from load import PATIENCE, fail, fork, judge, reap, recover, sweep_for_ever, workflows

from pgunwind import manifest
from pgunwind.demo.server import EmbeddedServer
from pgunwind.examples.client_to_delivery import install

# Commits have to outlast the crash: that is what is tried.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
ROWS = 3000
BULK = """
create table parents (id text primary key);
create table children (id int generated always as identity primary key, parent_id text references parents);
create index on children (parent_id);
select unwind.define_workflow('bulk');
select unwind.define_step('bulk', 'parent', 'parents', 'id');
select unwind.declare_foreign_key('children', '{parent_id}', 'parents', '{id}');
"""


def main() -> None:
    """Play it, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--crashes", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    chance = random.Random(arguments.seed)
    with EmbeddedServer(DURABLE, start_timeout=PATIENCE) as server:
        with psycopg.connect(server.dsn, autocommit=True) as conn:
            manifest.install(conn)
            install(conn)
            conn.execute(BULK)
        for crash in range(arguments.crashes):
            start_bulk(server.dsn, f"bulk-{crash}")
            processes = [fork(working(server.dsn, chance.randrange(1 << 32))) for _ in range(3)]
            processes.append(fork(in_batches(server.dsn, f"bulk-{crash}")))
            processes.append(fork(sweeping(server.dsn)))
            wait_for_batches(server.dsn, f"bulk-{crash}")
            time.sleep(chance.uniform(0.05, 0.5))
            server.stop("immediate")
            for process in processes:
                reap(process)
            server.start()
        recover(server.dsn)
        counts = judge_bulk(server.dsn, arguments.crashes)
        print(f"{arguments.crashes} crashes: {counts}")


def start_bulk(dsn: str, run: str) -> None:
    """A failed run with many rows."""
    with psycopg.connect(dsn) as conn:
        conn.execute("select unwind.start_run('bulk', %s), unwind.record_step(%s, 'parent', %s)", [run] * 3)
        conn.execute("insert into parents values (%s)", [run])
        conn.execute("insert into children (parent_id) select %s from generate_series(1, %s)", [run, ROWS])


def in_batches(dsn: str, run: str) -> Callable[[], None]:
    """Undo it in batches."""

    def work() -> None:
        with psycopg.connect(dsn, autocommit=True) as conn:
            conn.execute("call unwind.compensate_run_in_batches(%s, 20)", [run])

    return work


def wait_for_batches(dsn: str, run: str) -> None:
    """Until they have begun: before that the run is nobody's, and no sweep would take it."""
    status = "select status from unwind.workflow_runs where id = %s"
    deadline = time.monotonic() + PATIENCE
    with psycopg.connect(dsn, autocommit=True) as conn:
        while conn.execute(status, [run]).fetchone() == ("RUNNING",):
            if time.monotonic() > deadline:
                fail(f"{run} is still RUNNING")
            time.sleep(0.005)


def working(dsn: str, seed: int) -> Callable[[], None]:
    """One workflow after another."""
    return lambda: workflows(dsn, seed)


def sweeping(dsn: str) -> Callable[[], None]:
    """The work of a sweeper."""
    return lambda: sweep_for_ever(dsn)


def judge_bulk(dsn: str, runs: int) -> dict[str, int]:
    """Nothing is left of the bulk runs, and every row of them is on a receipt, once."""
    with psycopg.connect(dsn) as conn:
        left = conn.execute("select (select count(*) from parents) + count(*) from children").fetchone()
        if left != (0,):
            fail(f"rows left: {left}")
        wrong = conn.execute(
            "select run_id, sum(rows_deleted) from unwind.compensations where run_id like 'bulk-%%' "
            "group by 1 having sum(rows_deleted) <> %s",
            [ROWS + 1],
        ).fetchall()
        if wrong:
            fail(f"receipts: {wrong}")
        receipted = conn.execute(
            "select count(distinct run_id) from unwind.compensations where run_id like 'bulk-%'"
        ).fetchone()
        if receipted != (runs,):
            fail(f"runs with receipts: {receipted}")
    return judge(dsn)


if __name__ == "__main__":
    main()
