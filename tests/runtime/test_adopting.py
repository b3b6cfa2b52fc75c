"""adopt_entity makes a row that is there the run's, on purpose, and on record."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

ADOPT = "select unwind.adopt_entity('r', 'order', 'o')"


@pytest.fixture
def started(db: Any) -> Any:
    """A run that has recorded nothing, and an order that nobody owns."""
    db("select unwind.start_run('w', 'r')")
    db.conn.execute("insert into orders values ('o'); insert into lines (order_id) values ('o')")
    return db


def test_an_adopted_row_goes_with_the_run_and_all_that_hangs_below_it(started: Any) -> None:
    started(ADOPT)
    assert started("select table_name, rows_deleted from unwind.compensate_run('r')") == [
        ("public.lines", 1),
        ("public.orders", 1),
    ]
    assert started("select * from unwind.verify_run('r')") == []


def test_who_adopted_is_on_record(started: Any) -> None:
    started(ADOPT)
    assert started(
        "select action, role::text, login::text, run_id, step, entity_key from unwind.audit_log"
    ) == [("adopted", started.conn.info.user, started.conn.info.user, "r", "order", ["o"])]


def test_what_the_run_has_is_adopted_once(started: Any) -> None:
    started(ADOPT)
    ledger = started("select * from unwind.run_steps")
    started(ADOPT)
    started("select unwind.record_step('r', 'order', 'o')")
    assert started("select * from unwind.run_steps") == ledger
    assert started.value("select count(*) from unwind.audit_log") == 1


def test_what_is_not_there_cannot_be_adopted(started: Any) -> None:
    error = started.refused("select unwind.adopt_entity('r', 'order', 'x')")
    assert error.sqlstate == "P0002"
    assert "public.orders" in str(error) and "(x)" in str(error)
    assert "unwind.record_step('r', 'order', variadic '{x}')" in (error.diag.message_hint or "")
    assert started("select * from unwind.run_steps") == []
    assert started("select * from unwind.entity_owners") == []


def test_of_several_roots_one_with_a_row_is_enough(started: Any) -> None:
    started.conn.execute("create table notes (order_id text)")
    started("select unwind.define_step('w', 'order', 'notes', 'order_id')")
    started(ADOPT)
    error = started.refused("select unwind.adopt_entity('r', 'order', 'x')")
    assert error.sqlstate == "P0002"
    assert "public.notes or public.orders" in str(error)


def test_a_row_of_another_run_is_not_to_be_had_until_that_is_undone(started: Any) -> None:
    started("select unwind.start_run('w', 'other')")
    started("select unwind.adopt_entity('other', 'order', 'o')")
    for ending in ("select 1", "select unwind.complete_run('other')"):
        started(ending)
        assert started.refused(ADOPT).sqlstate == "UW004"
    started("select * from unwind.compensate_run('other', force => true)")
    started.conn.execute("insert into orders values ('o')")
    started(ADOPT)


@pytest.mark.parametrize(
    ("before", "sqlstate"),
    [
        ("select unwind.complete_run('r')", "UW002"),
        ("select * from unwind.compensate_run('r')", "UW002"),
        ("update unwind.workflow_runs set status = 'COMPENSATING'", "UW002"),
        ("select unwind.claim_run('r', 'somebody')", "UW003"),
    ],
)
def test_only_a_run_that_is_at_work_or_failed_adopts_and_only_for_its_worker(
    started: Any, before: str, sqlstate: str
) -> None:
    started.conn.execute(before)
    assert started.refused(ADOPT).sqlstate == sqlstate


def test_a_failed_run_adopts_what_was_left_and_is_tried_again(started: Any) -> None:
    started("select unwind.fail_run('r', 'x')")
    started.conn.execute("update unwind.workflow_runs set retry_at = 'infinity', retry_count = 5")
    started(ADOPT)
    assert started("select status, retry_at from unwind.workflow_runs") == [("FAILED", None)]
    started.conn.execute("call unwind.recover_runs()")
    assert started("select status from unwind.workflow_runs") == [("COMPENSATED",)]
    assert started("select * from orders") == []


@pytest.mark.parametrize("grants", [[], ["orders"], ["lines"]])
def test_whoever_may_not_delete_the_row_and_what_hangs_below_it_may_not_adopt_it(
    started: Any, grants: list[str]
) -> None:
    with acting(started, "clerk", grants), pytest.raises(psycopg.Error) as refused:
        started("select unwind_internal.assert_may_delete('w', 'order', operator_ok => true)")
    assert refused.value.sqlstate == "42501"
    assert "may not name rows" in str(refused.value)


def test_whoever_may_delete_it_all_may_adopt_it(started: Any) -> None:
    with acting(started, "clerk", ["orders", "lines"]):
        started("select unwind_internal.assert_may_delete('w', 'order', operator_ok => true)")


def test_a_policy_that_would_hide_rows_stands_in_the_way(started: Any) -> None:
    started.conn.execute("alter table lines enable row level security")
    with acting(started, "clerk", ["orders", "lines"]), pytest.raises(psycopg.Error) as refused:
        started("select unwind_internal.assert_may_delete('w', 'order', operator_ok => true)")
    assert refused.value.sqlstate == "42501"
    assert "may not name rows" in str(refused.value)


class acting:
    """Another role in effect, with the right to delete from these tables."""

    def __init__(self, db: Any, name: str, tables: list[str]) -> None:
        self.db, self.role, self.tables = db, f"{name}_{db.conn.info.dbname}", tables

    def __enter__(self) -> None:
        execute = self.db.conn.execute
        execute(f"create role {self.role}")
        execute(f"select unwind_internal.grant_access('{self.role}', 'application')")
        for table in self.tables:
            execute(f"grant delete on {table} to {self.role}")
        execute(f"set role {self.role}")

    def __exit__(self, *error: object) -> None:
        execute = self.db.conn.execute
        execute("reset role")
        execute(f"drop owned by {self.role}; drop role {self.role}")
