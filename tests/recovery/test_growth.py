"""The books grow for years: autovacuum keeps up, a purge goes by indexes, and nobody's lock ends a sweep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

Connect = Callable[..., psycopg.Connection[Any]]

SCANS = """
select relname, seq_scan from pg_stat_user_tables
where schemaname in ('unwind', 'unwind_internal')
    and relname in ('workflow_runs', 'ledger', 'entity_owners', 'receipts', 'audit_log', 'batch_progress')
order by relname
"""


def test_tables_that_grow_are_vacuumed_before_a_fifth_of_them_is_dead(fleet: Any) -> None:
    settings = {
        name: dict(option.split("=") for option in options or [])
        for name, options in fleet(
            "select relname, reloptions from pg_class where relkind = 'r' and oid = any(array["
            "'unwind.workflow_runs', 'unwind_internal.ledger', 'unwind.entity_owners',"
            " 'unwind_internal.receipts', 'unwind_internal.batch_progress']::regclass[])"
        )
    }
    assert len(settings) == 5
    assert all(float(of["autovacuum_vacuum_scale_factor"]) <= 0.01 for of in settings.values())
    assert settings["workflow_runs"]["fillfactor"] == "80"


@pytest.mark.parametrize("what", ["", ", receipts => true", ", audit_log => true, receipts => true", ", 'w'"])
def test_a_purge_reads_no_table_as_a_whole(fleet: Any, connect: Connect, what: str) -> None:
    fleet.start(range(1000))
    fleet("select * from unwind.compensate_runs(array(select id from unwind.workflow_runs), force => true)")
    fleet.conn.execute("analyze")
    fleet.at("2 hours")
    writer = connect(autocommit=False)
    writer.execute("select unwind.start_run('w', 'new'), unwind.record_step('new', 'order', 'new')")
    writer.execute("select from unwind.workflow_runs where id = 'r7' for update")

    def scans() -> list[Any]:
        fleet("select pg_stat_force_next_flush()")
        return fleet("select pg_stat_clear_snapshot()") and fleet(SCANS)

    before = scans()
    fleet.conn.execute("set lock_timeout = '1s'")
    purged = [fleet.value(f"select unwind.purge_runs('1 hour'{what}, max_runs => 400)") for _ in range(4)]
    assert sum(purged) >= 999 and purged[-1] == 0
    assert scans() == before
    writer.commit()
    assert fleet.value("select unwind.purge_runs('1 hour')") == 1


@pytest.mark.parametrize(
    "call",
    [
        "select unwind.start_run('w', 'new', worker => 'a')",
        "select unwind.record_step('r1002', 'order', 'another')",
        "select unwind.record_if_new('r1002', 'order', 'another')",
        "select unwind.complete_run('r1002')",
        "select unwind.fail_run('r1002', 'x')",
        "select unwind.claim_run('r1002', 'a'), unwind.renew_claim('r1002', 'a')",
        "select unwind.claim_run('r1002', 'a'), unwind.release_claim('r1002', 'a')",
        "select * from unwind.preview_run('r1001')",
        "select * from unwind.compensate_run('r1001')",
        "select * from unwind.compensate_runs('{r1001,r1002}')",
        "call unwind.compensate_run_in_batches('r1001', 1)",
        "call unwind.recover_runs()",
        "select * from unwind.stuck_runs",
        "select * from unwind.backlog",
        "select * from unwind.progress",
        "select * from unwind_internal.due_runs",
    ],
)
def test_no_other_call_reads_a_table_as_a_whole_either(fleet: Any, call: str) -> None:
    fleet.start(range(1000))
    fleet("select * from unwind.compensate_runs(array(select id from unwind.workflow_runs), force => true)")
    fleet.conn.execute("vacuum analyze")
    fleet.start([1001])
    fleet.start([1002], failed=False)

    def scans() -> list[Any]:
        fleet("select pg_stat_force_next_flush()")
        return fleet("select pg_stat_clear_snapshot()") and fleet(SCANS)

    before = scans()
    fleet.conn.execute(call.encode())
    assert [scan for scan in scans() if scan not in before and scan[0] != "batch_progress"] == []


def test_a_sweep_waits_five_seconds_for_somebodys_row_and_counts_no_try(fleet: Any, connect: Connect) -> None:
    fleet.start([1, 2])
    blocker = connect(autocommit=False)
    blocker.execute("select from lines where order_id = 'o1' for update")
    assert fleet.sweep() == (1, 1)
    assert fleet("select id, retry_count, retry_at from unwind.workflow_runs where status = 'FAILED'") == [
        ("r1", 0, None)
    ]
    assert fleet.value("show lock_timeout") == "0", "the session's is as it was"
    blocker.rollback()
    assert fleet.sweep() == (1, 0)


def test_a_lock_timeout_of_the_sessions_own_is_kept(fleet: Any, connect: Connect) -> None:
    fleet.start([1])
    blocker = connect(autocommit=False)
    blocker.execute("select from lines where order_id = 'o1' for update")
    fleet.conn.execute("set lock_timeout = '20ms'")
    fleet.conn.execute("set statement_timeout = '4s'")
    assert fleet.sweep() == (0, 1)


@pytest.mark.parametrize(
    ("setting", "sqlstate"), [("lock_timeout = '50ms'", "55P03"), ("statement_timeout = '200ms'", "57014")]
)
@pytest.mark.parametrize(
    "undo", ["select * from unwind.compensate_run('r1')", "select * from unwind.compensate_runs('{r1}')"]
)
def test_an_undo_that_a_timeout_ends_has_deleted_nothing(
    fleet: Any, connect: Connect, undo: str, setting: str, sqlstate: str
) -> None:
    fleet.start([1])
    blocker = connect(autocommit=False)
    blocker.execute("select from orders for update")
    fleet.conn.execute(f"set {setting}")
    assert fleet.refused(undo).sqlstate == sqlstate
    fleet.conn.execute("reset statement_timeout")
    assert (fleet.status("r1"), fleet.rows()) == ("FAILED", 4)
    blocker.rollback()


def test_batches_that_a_timeout_ends_go_on_when_called_again(fleet: Any, connect: Connect) -> None:
    fleet.start([1])
    blocker = connect(autocommit=False)
    blocker.execute("select from orders for update")
    fleet.conn.execute("set lock_timeout = '50ms'")
    call = "call unwind.compensate_run_in_batches('r1', 1)"
    assert fleet.refused(call).sqlstate == "55P03"
    assert fleet.status("r1") == "COMPENSATING"
    blocker.rollback()
    fleet.conn.execute(call.encode())
    assert (fleet.status("r1"), fleet.rows()) == ("COMPENSATED", 0)
