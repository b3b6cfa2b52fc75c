"""Rule 3: once a run is COMPENSATED none of its rows remain, and none can appear."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from typing import Any

import psycopg
import pytest


def test_an_undo_waits_for_a_step_in_flight_and_takes_its_rows(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    shop.whole_run("r")
    worker, undoer = connect(autocommit=False), connect()
    worker.execute("select unwind.record_step('r', 'order', 'late')")
    worker.execute("insert into orders values ('late', 'Ada')")
    undo = in_background(undoer.execute, "select * from unwind.compensate_run('r')")
    wait_until_blocked(undoer)
    worker.commit()
    assert sum(row[3] for row in undo.result().fetchall()) == 5
    assert shop.left() == 0


def test_a_worker_that_wakes_after_the_undo_is_refused_and_its_rows_with_it(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    shop.whole_run("r")
    undoer, worker = connect(autocommit=False), connect(autocommit=False)
    worker.execute("insert into orders values ('zombie', 'Ada')")
    undoer.execute("select * from unwind.compensate_run('r')")
    late = in_background(worker.execute, "select unwind.record_step('r', 'order', 'zombie')")
    wait_until_blocked(worker)
    undoer.commit()
    with pytest.raises(psycopg.Error) as refused:
        late.result()
    assert refused.value.sqlstate == "UW002"
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        worker.execute("insert into orders values ('again', 'Ada')")
    worker.rollback()
    assert shop.left() == 0


@pytest.mark.parametrize("ending", ["complete_run('r')", "fail_run('r', 'late')"])
def test_a_run_does_not_end_while_a_step_is_in_flight(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any, ending: str
) -> None:
    shop.start("r")
    worker, other = connect(autocommit=False), connect()
    worker.execute("select unwind.record_step('r', 'order', 'o')")
    end = in_background(other.execute, f"select unwind.{ending}")
    wait_until_blocked(other)
    worker.commit()
    end.result()
    assert shop.status("r") in ("COMPLETED", "FAILED")


def test_a_step_rolled_back_leaves_nothing_to_undo(shop: Any) -> None:
    shop.start("r")
    with shop.conn.transaction(force_rollback=True):
        shop.conn.execute("select unwind.record_step('r', 'order', 'o')")
        shop.conn.execute("insert into orders values ('o', 'Ada')")
    assert shop.rows("select * from unwind.compensate_run('r')") == []
    assert shop.status("r") == "COMPENSATED"


def test_a_key_recorded_ahead_covers_rows_that_come_in_later_transactions(shop: Any) -> None:
    shop.start("r")
    shop.conn.execute("select unwind.record_step('r', 'order', 'o')")
    shop.conn.execute("insert into orders values ('o', 'by an inner layer that commits for itself')")
    shop.conn.execute("select * from unwind.compensate_run('r')")
    assert shop.left() == 0


VICTIM = """
import sys, psycopg
from pgunwind import Unwind
with Unwind(sys.argv[1]).run("checkout", run_id="killed") as run:
    with run.step("order", "o") as conn:
        conn.execute("insert into orders values ('o', 'Ada')")
    with run.step("payment", "p") as conn:
        conn.execute("insert into payments values ('p', 'o', 1)")
        print("in the step", flush=True)
        sys.stdin.read()
"""


def test_a_process_killed_in_mid_step_is_undone_from_its_run_id_alone(shop: Any, dsn: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", VICTIM, dsn], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "in the step\n"
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    assert shop.status("killed") == "RUNNING"
    # Waits, if need be, until the server has noticed and rolled the step back.
    receipts = shop.rows("select step, table_name, rows_deleted from unwind.compensate_run('killed')")
    assert receipts == [("order", "public.orders", 1)]
    assert shop.left() == 0


def test_random_races_leave_no_row_of_a_compensated_run_and_every_row_of_a_completed_one(
    shop: Any, connect: Any, in_background: Any, barrier: Any
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    runs = [f"run-{n}" for n in range(12)]
    for run in runs:
        shop.start(run)
    workers = 6
    start = barrier(workers)

    def work(number: int) -> dict[str, set[str]]:
        chance = random.Random(seed + number)
        conn = connect()
        committed: dict[str, set[str]] = {run: set() for run in runs}
        start.wait()
        for turn in range(60):
            run = chance.choice(runs)
            kind = chance.choices(("record", "undo", "complete", "fail", "undo many"), (70, 6, 6, 6, 4))[0]
            try:
                if kind == "record":
                    key = f"{run}/{number}/{turn}"
                    shop.order(run, key, conn)
                    committed[run].add(key)
                elif kind == "undo":
                    conn.execute("select * from unwind.compensate_run(%s)", [run])
                elif kind == "undo many":
                    conn.execute("select * from unwind.compensate_runs(%s)", [chance.sample(runs, 3)])
                elif kind == "complete":
                    conn.execute("select unwind.complete_run(%s)", [run])
                else:
                    conn.execute("select unwind.fail_run(%s, 'chance')", [run])
            except psycopg.Error as refused:
                assert refused.sqlstate in ("UW002", "UW005"), refused
        return committed

    done = [task.result() for task in [in_background(work, number) for number in range(workers)]]
    for run in runs:
        recorded = set().union(*(committed[run] for committed in done))
        there = {key for (key,) in shop.rows("select id from orders where id like %s", f"{run}/%")}
        gone = sum(
            n for (n,) in shop.rows("select rows_deleted from unwind.compensations where run_id = %s", run)
        )
        if shop.status(run) == "COMPENSATED":
            assert there == set(), f"seed {seed}"
            assert gone == 3 * len(recorded), f"seed {seed}"
        else:
            assert there == recorded, f"seed {seed}"
            assert gone == 0, f"seed {seed}"
