"""One generated function calls those of all workflows, and none is missed by it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

DEFINE = """
select unwind.define_workflow('{name}');
select unwind.define_step('{name}', 'item', 'items', 'id')
"""


@pytest.fixture
def items(conn: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """A table, and no workflow."""
    conn.execute("create table items (id text primary key)")
    return conn


def dispatcher(conn: psycopg.Connection[Any]) -> str:
    """Both dispatchers as psql's sf shows them."""
    row = conn.execute(
        "select pg_get_functiondef('unwind_compiled.undo_one'::regproc)"
        " || pg_get_functiondef('unwind_compiled.undo_many'::regproc)"
    ).fetchone()
    assert row
    return str(row[0])


def undone(conn: psycopg.Connection[Any], workflow: str) -> int:
    """How many rows are deleted by undoing a new run with one row."""
    conn.execute("select unwind.start_run(%s, %s)", [workflow, workflow])
    conn.execute("select unwind.record_step(%s, 'item', %s)", [workflow, workflow])
    conn.execute("insert into items values (%s)", [workflow])
    return len(conn.execute("select * from unwind.compensate_run(%s)", [workflow]).fetchall())


def test_every_workflow_is_called_by_a_static_statement(items: psycopg.Connection[Any]) -> None:
    for name in ("one", "it''s two"):
        items.execute(DEFINE.format(name=name).encode())
    assert "execute" not in dispatcher(items)
    for name in ("one", "it's two"):
        assert f"compensate_one_{name}" in dispatcher(items)
        assert f"compensate_many_{name}" in dispatcher(items)
        assert undone(items, name) == 1


def test_a_dropped_workflow_is_no_longer_called(items: psycopg.Connection[Any]) -> None:
    items.execute(DEFINE.format(name="one").encode())
    items.execute("select unwind.start_run('one', 'r'), unwind.complete_run('r')")
    items.execute("select unwind.drop_workflow('one')")
    assert "'one'" not in dispatcher(items)
    for undo in ("compensate_run('r', force => true)", "compensate_runs('{r}', force => true)"):
        with pytest.raises(psycopg.Error, match="'one' is not defined") as refused:
            items.execute(f"select * from unwind.{undo}".encode())
        assert refused.value.sqlstate == "UW008"


def test_two_that_define_workflows_at_once_are_both_called(
    items: psycopg.Connection[Any], connect: Any, wait_until_blocked: Any
) -> None:
    one, two = connect(autocommit=False), connect()
    one.execute(DEFINE.format(name="one").encode())
    with ThreadPoolExecutor() as pool:
        race = pool.submit(two.execute, DEFINE.format(name="two").encode())
        wait_until_blocked(two)
        one.commit()
        race.result()
    assert (undone(items, "one"), undone(items, "two")) == (1, 1)
    assert "'one'" in dispatcher(items) and "'two'" in dispatcher(items)


def test_an_old_snapshot_that_does_not_see_a_workflow_cannot_leave_it_out(
    items: psycopg.Connection[Any], connect: Any
) -> None:
    blind = connect(autocommit=False)
    blind.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    blind.execute("select from items")
    items.execute(DEFINE.format(name="one").encode())
    with pytest.raises(psycopg.Error) as error:
        blind.execute(DEFINE.format(name="two").encode())
    assert error.value.sqlstate == "UW010"
    assert "'one'" in dispatcher(items)
    assert undone(items, "one") == 1


def test_a_name_that_would_end_the_functions_quotes_is_called_all_the_same(
    items: psycopg.Connection[Any],
) -> None:
    items.execute(DEFINE.format(name="$unwind$").encode())
    assert undone(items, "$unwind$") == 1


def test_a_step_of_a_workflow_that_is_called_by_its_name_is_undone_alone(
    items: psycopg.Connection[Any],
) -> None:
    items.execute("create table notes (id text primary key)")
    items.execute(DEFINE.format(name="$unwind$").encode())
    items.execute("select unwind.define_step('$unwind$', 'note', 'notes', 'id')")
    items.execute("select unwind.start_run('$unwind$', 'r')")
    items.execute("select unwind.record_step('r', 'item', 'i'), unwind.record_step('r', 'note', 'n')")
    items.execute("insert into items values ('i'); insert into notes values ('n')")
    undo = "select step, rows_deleted from unwind.compensate_step('r', 'note')"
    assert items.execute(undo).fetchall() == [("note", 1)]
    assert items.execute("select id from items").fetchall() == [("i",)]
    assert items.execute("select status from unwind.workflow_runs").fetchall() == [("RUNNING",)]
