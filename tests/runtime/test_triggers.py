"""User triggers fire, and a trigger that keeps a row is never believed to have deleted it."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

SCHEMA = """
create table parents (id text primary key);
create table children (id text primary key, parent_id text not null);
create index on children (parent_id);
create table seen (id text);
create function keep_marked() returns trigger language plpgsql as $$
begin
    insert into seen values (old.id);
    return case when old.id like 'kept%' then null else old end;
end
$$;
select unwind.define_workflow('w');
select unwind.define_step('w', 's', 'parents', 'id');
select unwind.declare_foreign_key('children', '{parent_id}', 'parents', '{id}');
"""
TRIGGER = "create trigger keeper before delete on children for each row execute function keep_marked()"
ROWS = """
select unwind.start_run('w', 'r');
select unwind.record_step('r', 's', 'p');
insert into parents values ('p');
insert into children values ('free', 'p'), ('kept', 'p');
"""


@pytest.fixture
def run_with_trigger(conn: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """A run with a child that a trigger will keep."""
    conn.execute(SCHEMA)
    conn.execute(TRIGGER)
    conn.execute("select unwind.compile_workflow('w')")
    conn.execute(ROWS)
    return conn


def count(conn: psycopg.Connection[Any], table: str) -> int:
    row = conn.execute(f"select count(*) from {table}").fetchone()  # type: ignore[arg-type]
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize(
    "call",
    [
        "select * from unwind.compensate_run('r')",
        "select * from unwind.compensate_runs('{r}')",
        "select * from unwind.compensate_step('r', 's')",
    ],
)
def test_a_row_that_a_trigger_keeps_makes_the_whole_call_fail(
    run_with_trigger: psycopg.Connection[Any], call: str
) -> None:
    with pytest.raises(psycopg.Error, match=r"public\.children.*a trigger kept them") as refused:
        run_with_trigger.execute(call)  # type: ignore[arg-type]
    assert refused.value.sqlstate == "UW007"
    assert "keeper" in (refused.value.diag.message_detail or "")
    assert count(run_with_trigger, "children") == 2
    assert count(run_with_trigger, "parents") == 1
    assert count(run_with_trigger, "unwind.compensations") == 0


def test_user_triggers_fire_for_each_row_that_goes(run_with_trigger: psycopg.Connection[Any]) -> None:
    run_with_trigger.execute("update children set id = 'freed' where id = 'kept'")
    run_with_trigger.execute("select * from unwind.compensate_run('r')")
    assert count(run_with_trigger, "seen") == 2
    assert count(run_with_trigger, "children") == 0


def test_a_trigger_made_after_compiling_makes_the_plan_stale(conn: psycopg.Connection[Any]) -> None:
    conn.execute(SCHEMA)
    conn.execute(TRIGGER)
    findings = conn.execute("select code, fix from unwind.check_workflow('w')").fetchall()
    assert ("stale_plan", "select unwind.compile_workflow('w');") in findings
    conn.execute("select unwind.compile_workflow('w')")
    assert conn.execute("select code from unwind.check_workflow('w')").fetchall() == []
