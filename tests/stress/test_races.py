"""Every function at once on the same few runs: no deadlock, no lost update, every rule holds at the end."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

SECONDS = 60.0 if os.environ.get("PGUNWIND_DEEP") == "1" else 4.0
CONNECTIONS = 8
RUNS = 5  # few, so that many meet on one
SETUP = """
create table orders (id text primary key, run text);
create table lines (id int generated always as identity primary key, order_id text references orders);
create index on lines (order_id);
create table letters (id text primary key, run text);
select unwind.define_workflow('w');
select unwind.define_step('w', 'order', 'orders', 'id');
select unwind.define_step('w', 'letter', 'letters', 'id');
select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}');
"""
ORDER = """
select unwind.act_as('{worker}'), unwind.record_step('{run}', 'order', '{key}');
insert into orders values ('{key}', '{run}');
insert into lines (order_id) values ('{key}'), ('{key}')
"""
LETTER = """
select unwind.act_as('{worker}'), unwind.record_step('{run}', 'letter', '{key}');
insert into letters values ('{key}', '{run}')
"""
SPOKEN = "select unwind.act_as('{worker}'); select * from unwind."
CALLS = {
    "order": (40, ORDER),
    "letter": (20, LETTER),
    "complete": (3, SPOKEN + "complete_run('{run}')"),
    "fail": (3, SPOKEN + "fail_run('{run}', 'chance')"),
    "claim": (4, "select unwind.claim_run('{run}', '{worker}', '1 hour')"),
    "claim what has expired": (
        1,
        "select set_config('unwind.now', (now() + interval '1 day')::text, true); "
        "select unwind.claim_run('{run}', '{worker}', '1 hour')",
    ),
    "renew": (3, "select unwind.renew_claim('{run}', '{worker}', '1 hour')"),
    "release": (3, "select unwind.release_claim('{run}', '{worker}')"),
    "step": (4, SPOKEN + "compensate_step('{run}', 'letter')"),
    "rewind": (4, SPOKEN + "rewind_run('{run}', 'order')"),
    "undo": (1, SPOKEN + "compensate_run('{run}')"),
    "force": (1, SPOKEN + "compensate_run('{run}', force => true)"),
    "many": (1, SPOKEN + "compensate_runs(array['{run}', '{other}'])"),
    "preview": (2, "select * from unwind.preview_run('{run}')"),
    "batches": (1, "call unwind.compensate_run_in_batches('{run}', 2)"),
    "sweep": (1, "call unwind.recover_runs()"),
}
REFUSALS = {"UW002", "UW003", "UW005", "UW006", "UW012"}


def test_random_calls_from_many_connections_never_deadlock_and_keep_every_rule(
    conn: psycopg.Connection[Any], connect: Any, barrier: Any
) -> None:
    conn.execute(SETUP)
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    runs = [f"r{n}" for n in range(RUNS)]
    for run in runs:
        conn.execute("select unwind.start_run('w', %s)", [run])
    together = barrier(CONNECTIONS)
    end = time.monotonic() + SECONDS

    def work(number: int) -> tuple[Counter[str], set[str]]:
        chance = random.Random(seed + number)
        session = connect()
        session.execute("set statement_timeout = '30s'")
        outcomes: Counter[str] = Counter()
        written: set[str] = set()
        together.wait()
        turn = 0
        while time.monotonic() < end:
            turn += 1
            slot = chance.randrange(RUNS)
            run = runs[slot]
            name = chance.choices(list(CALLS), [weight for weight, _ in CALLS.values()])[0]
            key = f"{run}/{number}/{turn}"
            call = CALLS[name][1].format(run=run, other=chance.choice(runs), worker=f"w{number}", key=key)
            try:
                session.execute(call.encode())
            except psycopg.Error as error:
                assert error.sqlstate in REFUSALS, f"seed {seed}: {name}: {error}"
                outcomes[str(error.sqlstate)] += 1
                if error.sqlstate == "UW002" and chance.random() < 0.2:
                    fresh = f"r{slot}-{number}-{turn}"
                    session.execute("select unwind.start_run('w', %s)", [fresh])
                    runs[slot] = fresh
            else:
                outcomes[name] += 1
                if name in ("order", "letter"):
                    written.add(key)
        return outcomes, written

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        done = list(pool.map(work, range(CONNECTIONS)))
    outcomes = sum((counts for counts, _ in done), Counter[str]())
    written = set().union(*(keys for _, keys in done))
    print(dict(outcomes))
    assert set(outcomes) >= {"order", "letter", "undo", "complete", "sweep", "rewind"}
    # Batches that somebody else's claim has stopped have left a run half undone, as they may: go on.
    conn.execute(
        "select unwind.compensate_run(id, true) from unwind.workflow_runs where status = 'COMPENSATING'"
    )
    judge(conn, written, seed)


def judge(conn: psycopg.Connection[Any], written: set[str], seed: int) -> None:
    """What the ledger says is live is there, nothing else is, and every row that went is on one receipt."""

    def rows(query: str) -> set[Any]:
        return {row[0] for row in conn.execute(query.encode()).fetchall()}

    there = rows("select id from orders union select id from letters")
    assert there == rows("select entity_key[1] from unwind.run_steps where compensated_at is null"), seed
    assert there <= written, f"seed {seed}"
    undone = rows(
        "select o.id from (select id, run from orders union select id, run from letters) as o "
        "inner join unwind.workflow_runs as r on o.run = r.id where r.status = 'COMPENSATED'"
    )
    assert undone == set(), f"seed {seed}: rows of a COMPENSATED run"
    orders = len(
        rows("select entity_key[1] from unwind.run_steps where step = 'order' and compensated_at is not null")
    )
    letters = len(
        rows(
            "select entity_key[1] from unwind.run_steps where step = 'letter' and compensated_at is not null"
        )
    )
    receipted = rows("select coalesce(sum(rows_deleted), 0) from unwind.compensations")
    assert receipted == {3 * orders + letters}, f"seed {seed}"
    assert rows("select count(*) from lines") == {2 * len(rows("select id from orders"))}
