"""Runs are found again: one by its id, many by what is known of them."""

from __future__ import annotations

from typing import Any

import pytest

FIND = "select id from unwind.find_runs({})"


@pytest.fixture
def runs(db: Any) -> Any:
    """Five runs, each started a minute after the one before, of two workflows."""
    db("select unwind.define_workflow('other')")
    for number, (workflow, business_key) in enumerate(
        [("w", "a"), ("w", "b"), ("other", "a"), ("w", "a"), ("w", None)]
    ):
        db("select unwind.start_run(%s, %s, business_key => %s)", workflow, f"r{number}", business_key)
    db.conn.execute(
        "update unwind.workflow_runs"
        " set created_at = timestamptz '2026-01-01 00:00 UTC' + right(id, 1)::int * interval '1 minute'"
    )
    db("select unwind.complete_run('r1'), unwind.fail_run('r3', 'no stock')")
    return db


def found(db: Any, arguments: str) -> list[str]:
    return [run for (run,) in db(FIND.format(arguments))]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", "r4 r3 r2 r1 r0"),
        ("'w'", "r4 r3 r1 r0"),
        ("business_key => 'a'", "r3 r2 r0"),
        ("'w', 'a'", "r3 r0"),
        ("status => 'RUNNING'", "r4 r2 r0"),
        ("status => 'FAILED', workflow => 'w'", "r3"),
        ("since => '2026-01-01 00:02'", "r4 r3 r2"),
        ("until => '2026-01-01 00:02'", "r1 r0"),
        ("since => '2026-01-01 00:01', until => '2026-01-01 00:03'", "r2 r1"),
        ("max_runs => 2", "r4 r3"),
        ("'nothing'", ""),
    ],
)
def test_runs_are_found_by_what_is_known_of_them_the_newest_first(
    runs: Any, arguments: str, expected: str
) -> None:
    runs.conn.execute("set timezone = 'UTC'")
    assert found(runs, arguments) == expected.split()


def test_of_runs_started_together_the_order_is_the_same_every_time(runs: Any) -> None:
    runs.conn.execute("update unwind.workflow_runs set created_at = now()")
    assert found(runs, "") == ["r4", "r3", "r2", "r1", "r0"]


def test_a_run_is_had_whole_by_its_id(runs: Any) -> None:
    assert runs("select id, workflow, business_key, status, last_error from unwind.get_run('r3')") == [
        ("r3", "w", "a", "FAILED", "no stock")
    ]
    assert runs("select g from unwind.get_run('r3') as g") == runs(
        "select r from unwind.workflow_runs as r where r.id = 'r3'"
    )


@pytest.mark.parametrize(
    "arguments", ["max_runs => 5", "business_key => 'b7'", "'w', since => now() + interval '1h'"]
)
def test_runs_are_found_by_indexes(db: Any, arguments: str) -> None:
    db.conn.execute(
        "insert into unwind.workflow_runs (id, workflow, business_key, created_at)"
        " select 'n' || n, 'w', 'b' || n, now() - n * interval '1 second' from generate_series(1, 5000) as n;"
        "analyze unwind.workflow_runs"
    )
    with db.conn.transaction():
        found(db, arguments)
        db("select id from unwind.get_run('n1')")
        assert db("select seq_scan from pg_stat_xact_user_tables where relname = 'workflow_runs'") == [(0,)]


def test_runs_about_a_business_key_are_found_by_its_index(db: Any) -> None:
    db.conn.execute(
        "insert into unwind.workflow_runs (id, workflow, business_key)"
        " select 'n' || n, 'w', nullif('b' || n, 'b1') from generate_series(1, 20000) as n;"
        "analyze unwind.workflow_runs"
    )
    plan = db("explain select from unwind.workflow_runs where business_key = 'b7' order by created_at")
    assert "workflow_runs_business_key" in str(plan)
