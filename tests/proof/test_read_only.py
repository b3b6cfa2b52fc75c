"""What only reads can be asked where nothing can be written: in a read-only transaction, and of a standby."""

from __future__ import annotations

from typing import Any

import psycopg

from pgunwind import manifest
from pgunwind.demo.server import EmbeddedServer
from proof.conftest import ROWS, SHOP

Connection = psycopg.Connection[Any]

CHECK = "select severity, code, fix from unwind.check_workflow('w')"
READS = [
    "select ordinal, step, table_name, row_count from unwind.preview_run('r')",
    "select * from unwind.verify_run('r')",
    "select * from unwind.find_orphans()",
    "select unwind.describe_workflow('w')",
    "select unwind.describe_runs('{r}') - '{described_at,workflows}'::text[]",
    "select unwind.suggest_workflow('orders')",
    "select * from unwind.find_holders('r')",
    "select * from unwind.find_dependent_runs('r')",
    "select * from unwind.stuck_runs",
    "select workflow, running from unwind.backlog",
    "select * from unwind.progress",
    "select * from unwind.run_steps",
]


def test_a_check_that_may_not_plan_anew_to_compare_says_so_and_finds_the_rest(shop: Connection) -> None:
    shop.execute("drop index lines_order_id_idx; alter table alerts rename to alarms")
    shop.execute("set default_transaction_read_only = on")
    assert sorted(row[:2] for row in shop.execute(CHECK).fetchall()) == [
        ("error", "stale_plan"),
        ("warning", "missing_index"),
        ("warning", "read_only"),
    ]
    with shop.transaction():
        shop.execute("set transaction read write")
        assert ("warning", "read_only") not in [row[:2] for row in shop.execute(CHECK).fetchall()]


def test_every_look_is_the_same_in_a_read_only_transaction(run: Connection) -> None:
    seen = [run.execute(query.encode()).fetchall() for query in READS]
    run.execute("set default_transaction_read_only = on")
    assert [run.execute(query.encode()).fetchall() for query in READS] == seen


def test_every_look_is_the_same_on_a_standby() -> None:
    with EmbeddedServer() as server:
        with psycopg.connect(server.dsn, autocommit=True) as conn:
            manifest.install(conn)
            conn.execute((SHOP + ROWS).encode())
            seen = [conn.execute(query.encode()).fetchall() for query in READS]
        server.stop()
        (server.directory / "data" / "standby.signal").touch()
        server.start()
        with psycopg.connect(server.dsn, autocommit=True) as conn:
            assert conn.execute("select pg_is_in_recovery()").fetchone() == (True,)
            assert [conn.execute(query.encode()).fetchall() for query in READS] == seen
            assert conn.execute(CHECK).fetchall() == [("warning", "read_only", "-- ask on the primary")]
