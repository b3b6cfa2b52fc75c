"""Rule 3: once a run is COMPENSATED none of its rows remain, and none can appear."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from typing import Any

import psycopg
import pytest


@pytest.mark.parametrize(
    ("call", "gone"),
    [
        ("compensate_run('r')", 5),
        ("compensate_run('r', force => true)", 5),
        ("compensate_runs(array['other', 'r'])", 9),
        ("compensate_step('r', 'payment')", 2),
    ],
)
def test_an_undo_waits_for_a_step_in_flight_and_takes_its_rows(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any, call: str, gone: int
) -> None:
    shop.whole_run("r")
    shop.whole_run("other")
    worker, undoer = connect(autocommit=False), connect()
    worker.execute("select unwind.record_step('r', 'payment', 'late')")
    worker.execute("insert into payments values ('late', 'o-r', 1)")
    undo = in_background(undoer.execute, f"select * from unwind.{call}")
    wait_until_blocked(undoer)
    worker.commit()
    undo.result()
    assert shop("select sum(rows_deleted) from unwind.compensations") == [(gone,)]
    assert shop.left() == 9 - gone
    assert shop("select * from payments where id = 'late'") == []


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


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_worker_whose_snapshot_is_older_than_the_undo_is_refused_too(
    shop: Any, connect: Any, level: str
) -> None:
    shop.whole_run("r")
    worker = connect(autocommit=False)
    worker.execute(f"set transaction isolation level {level}")
    assert worker.execute("select status from unwind.workflow_runs").fetchall() == [("RUNNING",)]
    shop.conn.execute("select * from unwind.compensate_run('r')")
    worker.execute("insert into orders values ('zombie', 'Ada')")
    with pytest.raises(psycopg.errors.SerializationFailure):
        worker.execute("select unwind.record_step('r', 'order', 'zombie')")
    worker.rollback()
    assert shop.left() == 0


@pytest.mark.parametrize("ending", ["complete_run('r')", "fail_run('r', 'late')"])
@pytest.mark.parametrize("undone", [True, False])
def test_an_ending_waits_for_an_undo_and_is_refused_unless_that_is_taken_back(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any, ending: str, undone: bool
) -> None:
    shop.whole_run("r")
    undoer, worker = connect(autocommit=False), connect()
    undoer.execute("select * from unwind.compensate_run('r')")
    end = in_background(worker.execute, f"select unwind.{ending}")
    wait_until_blocked(worker)
    if undone:
        undoer.commit()
        with pytest.raises(psycopg.Error) as refused:
            end.result()
        assert refused.value.sqlstate == "UW002"
        assert (shop.status("r"), shop.left()) == ("COMPENSATED", 0)
    else:
        undoer.rollback()
        end.result()
        assert shop.status("r") in ("COMPLETED", "FAILED")
        assert shop.left() == 4


@pytest.mark.parametrize("call", ["compensate_run('r')", "compensate_runs(array['r'])"])
def test_an_undo_waits_for_an_ending_and_spares_a_run_that_went_well(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any, call: str
) -> None:
    shop.whole_run("r")
    worker, undoer = connect(autocommit=False), connect()
    worker.execute("select unwind.complete_run('r')")
    undo = in_background(undoer.execute, f"select * from unwind.{call}")
    wait_until_blocked(undoer)
    worker.commit()
    with pytest.raises(psycopg.Error) as refused:
        undo.result()
    assert refused.value.sqlstate == "UW005"
    assert (shop.status("r"), shop.left()) == ("COMPLETED", 4)


def test_a_last_step_may_complete_its_run_in_one_transaction_while_an_undo_waits(
    shop: Any, connect: Any, wait_until_blocked: Any, in_background: Any
) -> None:
    shop.whole_run("r")
    worker, undoer = connect(autocommit=False), connect()
    worker.execute("select unwind.record_step('r', 'payment', 'last')")
    undo = in_background(undoer.execute, "select * from unwind.compensate_run('r')")
    wait_until_blocked(undoer)
    worker.execute("select unwind.complete_run('r')")  # a stronger lock on the same row: no deadlock
    worker.commit()
    with pytest.raises(psycopg.Error) as refused:
        undo.result()
    assert refused.value.sqlstate == "UW005"


def test_a_run_that_starts_while_an_undo_of_many_waits_is_not_undone_without_its_lock(
    shop: Any, connect: Any, in_background: Any, wait_until_blocked: Any
) -> None:
    shop.whole_run("a")
    holder, undoer, worker = connect(autocommit=False), connect(), connect(autocommit=False)
    holder.execute("select unwind.record_step('a', 'payment', 'slow')")
    undo = in_background(undoer.execute, "select * from unwind.compensate_runs(array['a', 'b'])")
    wait_until_blocked(undoer, unless=undo)
    shop.start("b")
    worker.execute("select unwind.record_step('b', 'order', 'late')")
    worker.execute("insert into orders values ('late', 'Ada')")
    holder.commit()
    with pytest.raises(psycopg.Error) as refused:
        undo.result()
    assert refused.value.sqlstate == "UW001"
    worker.commit()
    assert (shop.status("a"), shop.status("b")) == ("RUNNING", "RUNNING")


def test_a_step_rolled_back_leaves_nothing_to_undo(shop: Any) -> None:
    shop.start("r")
    with shop.conn.transaction(force_rollback=True):
        shop.conn.execute("select unwind.record_step('r', 'order', 'o')")
        shop.conn.execute("insert into orders values ('o', 'Ada')")
    assert shop("select * from unwind.compensate_run('r')") == []
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

def wait_to_be_killed():
    print("ready", flush=True)
    sys.stdin.read()

with Unwind(sys.argv[1]).run("checkout", run_id="killed") as run:
    with run.step("order", "o") as conn:
        conn.execute("insert into orders values ('o', 'Ada')")
        conn.execute("insert into lines values ('l', 'o')")
    if sys.argv[2] == "between steps":
        wait_to_be_killed()
    with run.step("payment", "p") as conn:
        conn.execute("insert into payments values ('p', 'o', 1)")
        wait_to_be_killed()
"""


@pytest.mark.parametrize("moment", ["between steps", "in a step"])
def test_a_killed_process_is_undone_from_its_run_id_alone(shop: Any, dsn: str, moment: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", VICTIM, dsn, moment], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "ready\n"
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    assert shop.status("killed") == "RUNNING"
    # Waits, if need be, until the server has noticed and rolled the step back.
    receipts = shop("select step, table_name, rows_deleted from unwind.compensate_run('killed', true)")
    assert receipts == [("order", "public.lines", 1), ("order", "public.orders", 1)]
    assert shop.left() == 0


def test_random_races_leave_no_row_of_a_compensated_run_and_every_row_of_a_completed_one(
    shop: Any, connect: Any, in_background: Any, barrier: Any
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    runs = [f"run-{n}" for n in range(20)]
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
            kind = chance.choices(
                ("record", "undo", "undo a step", "undo many", "complete", "fail"), (70, 5, 4, 4, 6, 6)
            )[0]
            try:
                if kind == "record":
                    key = f"{run}/{number}/{turn}"
                    shop.order(run, key, conn)
                    committed[run].add(key)
                elif kind == "undo":
                    conn.execute("select * from unwind.compensate_run(%s)", [run])
                elif kind == "undo a step":
                    conn.execute("select * from unwind.compensate_step(%s, 'order')", [run])
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
        there = {key for (key,) in shop("select id from orders where id like %s", f"{run}/%")}
        live = {
            key
            for (key,) in shop(
                "select entity_key[1] from unwind.run_steps where run_id = %s and compensated_at is null", run
            )
        }
        (gone,) = shop(
            "select coalesce(sum(rows_deleted), 0) from unwind.compensations where run_id = %s", run
        )[0]
        assert there == live, f"seed {seed}: what the ledger says is what is there"
        assert gone == 3 * len(recorded - there), f"seed {seed}: every row that went is on a receipt"
        assert there <= recorded
        if shop.status(run) == "COMPENSATED":
            assert there == set(), f"seed {seed}"


def test_random_races_for_few_keys_never_mix_rows_and_never_deadlock(
    shop: Any, connect: Any, in_background: Any, barrier: Any
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    workers, keys = 5, [f"key-{n}" for n in range(4)]
    start = barrier(workers)

    def work(number: int) -> None:
        chance = random.Random(seed + number)
        conn = connect()

        def try_to(query: str, run: str, *refusals: str) -> None:
            try:
                conn.execute(query, [run])
            except psycopg.Error as refused:
                assert refused.sqlstate in refusals, refused

        start.wait()
        for turn in range(25):
            run, key = f"{number}/{turn}", chance.choice(keys)
            conn.execute("select unwind.start_run('checkout', %s)", [run])
            with conn.transaction():
                try:
                    conn.execute("select unwind.record_step(%s, 'order', %s)", [run, key])
                    conn.execute("insert into orders values (%s, %s)", [key, run])
                except psycopg.Error as refused:
                    assert refused.sqlstate in ("UW002", "UW004"), refused
                    raise psycopg.Rollback from refused
            if chance.random() < 0.3:
                try_to("select unwind.complete_run(%s)", run, "UW002")
            victim = f"{chance.randrange(workers)}/{chance.randrange(turn + 1)}"
            for undone in {run, victim} if chance.random() < 0.8 else {victim}:
                try_to("select * from unwind.compensate_run(%s, force => true)", undone, "UW001")

    for task in [in_background(work, number) for number in range(workers)]:
        task.result()
    there = shop("select o.id, o.customer from orders as o order by 1")
    live = shop(
        "select s.entity_key[1], s.run_id from unwind.run_steps as s "
        "inner join unwind.workflow_runs as r on r.id = s.run_id where r.status <> 'COMPENSATED' order by 1"
    )
    assert there == live, f"seed {seed}"
