"""Writers, undos and ALTER TABLEs at once: rows stay exact, and no call of the engine deadlocks."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from typing import Any

import psycopg

SECONDS = 60 if os.environ.get("PGUNWIND_DEEP") == "1" else 4
SETUP = """
create table a (id int primary key, v text, n int not null default 0);
create table b (id int primary key, a int references a on delete cascade, v text);
create index on b (a);
create table c (k int, id int, v text, primary key (k, id)) partition by list (k);
create table c_1 partition of c for values in (1, 2);
create table c_2 partition of c for values in (3, 4);
insert into a select n, 'first' from generate_series(1, 40) as n;
insert into b select n, n, 'first' from generate_series(1, 40) as n;
insert into c select 1 + n % 4, n, 'first' from generate_series(1, 40) as n;
select unwind.define_workflow('w'), unwind.capture_table('a', 'b', 'c');
"""
TABLES = ("a", "b", "c")
NEVER = {"42703", "42883", "42P01", "XX000"}
"""What nothing may end with. Deadlocks of writers that meet an altered table at once are counted."""


def write(session: psycopg.Connection[Any], dice: random.Random, run: str | None) -> None:
    """A transaction that locks tables and rows in the engine's order."""
    number = dice.randrange(1, 41)
    with session.transaction():
        if run is not None:
            session.execute("select unwind.enter_run(%s)", [run])
        for table in TABLES:
            for key in sorted({number, dice.randrange(1, 41)}):
                choice = dice.random()
                if table == "c" and choice < 0.2:
                    session.execute("delete from c where id = %s", [key])
                    session.execute("insert into c values (%s, %s, %s)", [1 + key % 4, key, run])
                elif choice < 0.6:
                    session.execute(
                        f"update {table} set v = %s where id = %s".encode(), [run or "other", key]
                    )
                elif table == "a":
                    session.execute("update a set n = n + 1 where id = %s", [key])


def undo(session: psycopg.Connection[Any], dice: random.Random) -> None:
    """Undo some run, or two, or see that it cannot be."""
    runs = session.execute(
        "select id from unwind.workflow_runs where status = 'RUNNING' order by random() limit %s",
        [dice.choice([1, 1, 2])],
    ).fetchall()
    session.execute(
        "select * from unwind.compensate_runs(%s, on_conflict => %s)",
        [[run for (run,) in runs], dice.choice(["refuse", "skip"])],
    )


def alter(session: psycopg.Connection[Any], dice: random.Random) -> None:
    """Add a column, or drop one."""
    table = dice.choice(TABLES)
    column = dice.choice(["x", "y"])
    change = dice.choice(
        [f"add column if not exists {column} int default 7", f"drop column if exists {column}"]
    )
    session.execute(f"alter table {table} {change}".encode())
    time.sleep(0.05)


def test_at_once(conn: psycopg.Connection[Any], connect: Any, in_background: Any) -> None:
    conn.execute(SETUP)
    ends = time.monotonic() + SECONDS
    seed = random.randrange(10**6)
    print(f"seed {seed}")

    def work(kind: str, number: int) -> Counter[str]:
        dice = random.Random(seed * 10 + number)
        session = connect()
        ended: Counter[str] = Counter()
        while time.monotonic() < ends:
            try:
                if kind == "undo":
                    undo(session, dice)
                elif kind == "alter":
                    alter(session, dice)
                else:
                    run = None
                    if kind == "run":
                        run = f"{number} {ended.total()}"
                        session.execute("select unwind.start_run('w', %s)", [run])
                    for _ in range(dice.choice([1, 3])):
                        write(session, dice, run)
                ended[f"{kind} done"] += 1
            except psycopg.Error as error:
                ended[f"{kind} {error.sqlstate}"] += 1
        return ended

    kinds = ("run", "run", "run", "other", "undo", "undo", "undo", "alter")
    tasks = [in_background(work, kind, number) for number, kind in enumerate(kinds)]
    ended = sum((task.result(timeout=SECONDS + 60) for task in tasks), Counter[str]())
    print(ended)
    assert not {outcome for outcome in ended if outcome.split()[1] in NEVER}, ended
    assert not ended["undo 40P01"], ended
    assert ended["run done"] and ended["undo done"] and ended["alter done"] and ended["other done"]
    # What is left is undone together, but for what others have changed since.
    live = conn.execute("select array_agg(id) from unwind.workflow_runs where status = 'RUNNING'").fetchone()
    conn.execute("select * from unwind.compensate_runs(%s, on_conflict => 'skip')", live)
    for table in TABLES:
        assert conn.execute(f"select count(*) from {table}".encode()).fetchone() == (40,)
        left = conn.execute(
            f"select count(*) from {table} where v not in ('first', 'other')".encode()
        ).fetchone()
        changed = conn.execute(
            f'select count(distinct id) from unwind_captured."images of public.{table}"'.encode()
        ).fetchone()
        assert left is not None and changed is not None and left[0] <= changed[0]
