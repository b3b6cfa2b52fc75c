"""Two sessions step through each pair of functions in opposite orders, on one run and on two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

SETUP = """
create table orders (id text primary key);
create table lines (id int primary key, order_id text references orders);
create index on lines (order_id);
create table swaps (id int primary key, given text, taken text);
create index on swaps (given);
create index on swaps (taken);
select unwind.define_workflow('w');
select unwind.define_step('w', 'order', 'orders', 'id');
select unwind.define_step('w', 'line', 'lines', 'id');
select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}');
select unwind.declare_foreign_key('swaps', '{given}', 'orders', '{id}', 'set null');
select unwind.declare_foreign_key('swaps', '{taken}', 'orders', '{id}', 'set null');
select unwind.start_run('w', 'r1'), unwind.start_run('w', 'r2');
select unwind.record_step('r1', 'order', 'o1'), unwind.record_step('r2', 'order', 'o2');
insert into orders values ('o1'), ('o2');
insert into lines values (1, 'o1'), (2, 'o2');
insert into swaps values (1, 'o1', 'o2'), (2, 'o2', 'o1');
"""
FUNCTIONS = {
    "record_step": "record_step('{run}', 'line', '{key}')",
    "complete_run": "complete_run('{run}')",
    "fail_run": "fail_run('{run}', 'x')",
    "claim_run": "claim_run('{run}', 'me')",
    "renew_claim": "renew_claim('{run}', 'me')",
    "release_claim": "release_claim('{run}', 'me')",
    "compensate_run": "compensate_run('{run}', force => true)",
    "compensate_runs": "compensate_runs(array['r2', 'r1'], force => true)",
    "compensate_step": "compensate_step('{run}', 'line')",
    "rewind_run": "rewind_run('{run}', 'order')",
    "purge_runs": "purge_runs('0')",
    "preview_run": "preview_run('{run}')",
    "verify_run": "verify_run('{run}')",
}
# record_step holds the run FOR KEY SHARE; whoever then ends or undoes the run in the same transaction wants
# it for itself. Two transactions that both do so wait for each other: README, the five limits.
EXCLUSIVE = {"complete_run", "fail_run", "compensate_run", "compensate_runs", "compensate_step", "rewind_run"}


def step_through(
    first: Any, second: Any, one: list[str], two: list[str], tools: tuple[Any, Any]
) -> list[str]:
    """First and second take turns; the SQLSTATEs of what was refused."""
    in_background, wait_until_blocked = tools
    refused: list[str] = []

    def call(session: psycopg.Connection[Any], query: str) -> None:
        try:
            with session.transaction():
                session.execute(query.encode())
        except psycopg.Error as error:
            refused.append(str(error.sqlstate))

    waiting = None
    with first.transaction():
        call(first, one[0])
        with_second = in_background(lambda: _both(second, two, call))
        wait_until_blocked(second, unless=with_second)
        call(first, one[1])
        waiting = with_second
    waiting.result(timeout=20)
    return refused


def _both(session: psycopg.Connection[Any], queries: list[str], call: Any) -> None:
    with session.transaction():
        for query in queries:
            call(session, query)


@pytest.mark.parametrize("runs", [("r1", "r1"), ("r1", "r2")], ids=["one run", "two runs"])
@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_no_pair_of_functions_deadlocks(
    conn: psycopg.Connection[Any],
    connect: Any,
    in_background: Any,
    wait_until_blocked: Any,
    name: str,
    runs: tuple[str, str],
) -> None:
    conn.execute(f"alter database \"{conn.info.dbname}\" set statement_timeout = '20s'")
    conn.execute(f"alter database \"{conn.info.dbname}\" set deadlock_timeout = '50ms'")
    conn.execute(SETUP)
    first, second = connect(), connect()
    for other in FUNCTIONS:
        if name == other == "record_step" or (runs[0] == runs[1] and upgrades(name, other)):
            continue
        one = [query(name, runs[0], "1"), query(other, runs[0], "2")]
        two = [query(other, runs[1], "3"), query(name, runs[1], "4")]
        refused = step_through(first, second, one, two, (in_background, wait_until_blocked))
        assert not set(refused) & {"40P01", "57014"}, f"{one} against {two}: {refused}"
        conn.execute("truncate unwind.workflow_runs, orders, lines, swaps cascade")
        conn.execute("truncate unwind_internal.receipts")
        conn.execute(SETUP[SETUP.index("select unwind.start_run") :].encode())


def upgrades(name: str, other: str) -> bool:
    """Whether both transactions record first and want the run for themselves then."""
    return "record_step" in (name, other) and bool({name, other} & EXCLUSIVE)


def query(name: str, run: str, key: str) -> str:
    return "select * from unwind." + FUNCTIONS[name].format(run=run, key=key)


UndoBoth = Callable[[str, str], None]
UNDO = ["select * from unwind.compensate_run(%s)", "call unwind.compensate_run_in_batches(%s)"]
SHARED = """
select unwind.start_run('w', 'left'), unwind.start_run('w', 'right');
select unwind.record_step('left', 'order', 'l1'), unwind.record_step('left', 'order', 'l2');
select unwind.record_step('right', 'order', 'r1'), unwind.record_step('right', 'order', 'r2');
insert into orders values ('l1'), ('l2'), ('r1'), ('r2');
insert into swaps values (3, 'l1', 'r2'), (4, 'l2', 'r1');
"""


def set_up(conn: psycopg.Connection[Any], action: str) -> None:
    """By its own index each of two undos would take first the row that the other takes last."""
    conn.execute(f"alter database \"{conn.info.dbname}\" set deadlock_timeout = '50ms'")
    # Read by an index alone, the rows come in the order of the keys, which is another one for each link.
    conn.execute(f'alter database "{conn.info.dbname}" set enable_bitmapscan = off')
    conn.execute(SETUP.replace("set null", action))


@pytest.fixture
def undo_both(
    conn: psycopg.Connection[Any], connect: Any, in_background: Any, wait_until_blocked: Any
) -> UndoBoth:
    """Undo left and right at once, while somebody has a table's row 3; each waits, one for the other."""

    def undo_both(undo: str, table: str) -> None:
        undoing = []
        with conn.transaction():
            conn.execute(f"select from {table} where id = 3 for update".encode())
            for run in ("left", "right"):
                session = connect()
                undoing.append(in_background(session.execute, undo, [run]))
                wait_until_blocked(session, unless=undoing[-1])
        for task in undoing:
            task.result(timeout=20)

    return undo_both


@pytest.mark.parametrize("action", ["set null", "cascade"])
@pytest.mark.parametrize("undo", UNDO)
def test_two_undos_that_share_dependents_take_them_in_one_order(
    conn: psycopg.Connection[Any], undo_both: UndoBoth, undo: str, action: str
) -> None:
    """Somebody has the first row: the second undo comes for it too, and has not got the other one."""
    set_up(conn, action)
    conn.execute(SHARED)
    undo_both(undo, "swaps")
    assert conn.execute("select given, taken from swaps where id > 2").fetchall() == (
        [] if action == "cascade" else [(None, None)] * 2
    )


@pytest.mark.parametrize("undo", UNDO)
def test_two_undos_that_share_a_parent_take_its_children_in_one_order(
    conn: psycopg.Connection[Any], undo_both: UndoBoth, undo: str
) -> None:
    """A row below a swap is reached through it, so from two runs by two links."""
    set_up(conn, "cascade")
    conn.execute(
        """create table notes (id int primary key, swap_id int); create index on notes (swap_id);
        select unwind.declare_foreign_key('notes', '{swap_id}', 'swaps', '{id}')"""
    )
    conn.execute(SHARED)
    conn.execute("insert into notes values (3, 3), (4, 4)")
    undo_both(undo, "notes")
    assert conn.execute("select from notes").fetchall() == []
