"""How PostgreSQL executes an undo: by indexes, also over tables that were never analyzed, and without JIT."""

from __future__ import annotations

import psycopg
import pytest

from bench import background

RUNS = 3_000
CALLS = {
    "one run": "select * from unwind.compensate_run('r1')",
    "several": "select * from unwind.compensate_runs('{r1,r2,r3}')",
    "one step": "select * from unwind.compensate_step('r1', 'package')",
    "rewound": "select * from unwind.rewind_run('r1', 'brief')",
}


@pytest.fixture
def plans(bare_dsn):
    """The plans of all statements that run on this connection, the tables full, and ready to be undone."""
    with psycopg.connect(bare_dsn, autocommit=True) as conn:
        background.prepare(conn)
        background.add_runs(conn, range(1, RUNS + 1))
        found: list[str] = []
        conn.add_notice_handler(lambda notice: found.append(notice.message_primary or ""))
        conn.execute(
            "load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on; "
            "set auto_explain.log_nested_statements = on; set client_min_messages = log"
        )
        yield conn, found


@pytest.mark.parametrize("analyzed", [True, False], ids=["analyzed", "never analyzed"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_undo_reads_by_indexes_what_it_deletes_and_no_more(plans, call, analyzed):
    conn, found = plans
    if analyzed:
        conn.execute("analyze")
    found.clear()
    conn.execute(call)
    on_tables = [plan for plan in found if "client_to_delivery." in plan and "Scan" in plan]
    assert len([plan for plan in on_tables if "Delete on" in plan]) >= 2
    for unwanted in ("Seq Scan on", "Merge Join", "Hash Join", "JIT:"):
        assert [plan for plan in found if unwanted in plan] == []
