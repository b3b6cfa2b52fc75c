"""Whatever the schema, what remains after an undo is what a model says that knows nothing of plans.

Trees, cycles and all between; composite keys, keys to unique columns, partitions; real, declared and mixed
links of every action; several runs and steps; undone in one call, in batches, by a sweep, or step by step.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import drawn_schemas as schemas
import psycopg
import pytest
from drawn_schemas import RUNS, Drawn, drawn
from hypothesis import assume, event, given, note
from reference_model import Model

from generated import ALL_KEPT_ELSEWHERE

Connection = psycopg.Connection[Any]
Session = Callable[[], Connection]
EXAMPLES_A_SESSION = 25
CLEAN = f"""
set client_min_messages = warning;
truncate unwind.workflow_runs, unwind_internal.ledger, unwind.entity_owners, unwind_internal.receipts cascade;
select unwind.drop_workflow(workflow) from unwind.workflows;
drop schema if exists {schemas.SCHEMA} cascade;
truncate unwind.logical_foreign_keys;
"""
REFUSED_ELSEWHERE = """
select from unwind.check_workflow('drawn') where (severity, code) = ('error', 'distributed_table')
"""


@pytest.fixture
def session(connect: Callable[[], Connection]) -> Session:
    """Give the session for the next example: now and then another one, in a database that was vacuumed.

    A dozen tables are made and dropped each time, and a session keeps the plans of all that it met.
    """
    ordinals = itertools.count()
    current: list[Connection] = []

    def next_one() -> Connection:
        if next(ordinals) % EXAMPLES_A_SESSION == 0:
            for old in current:
                old.close()
            current[:] = [connect()]
            current[0].execute("vacuum")
        return current[0]

    return next_one


@given(example=drawn())
def test_an_undo_takes_what_the_model_says_and_nothing_else(session: Session, example: Drawn) -> None:
    _undo_as_the_model_says(session(), example)


@given(example=drawn())
def test_nor_where_all_rows_are_taken_to_be_kept_elsewhere(session: Session, example: Drawn) -> None:
    conn = session()
    conn.execute(ALL_KEPT_ELSEWHERE)
    _undo_as_the_model_says(conn, example, REFUSED_ELSEWHERE)


def _undo_as_the_model_says(conn: Connection, example: Drawn, not_for: str = "select where false") -> None:
    script = schemas.script(example)
    note(";\n".join([*script, f"-- undo {[RUNS[n] for n in example.undone]} {example.way};"]))
    conn.execute(CLEAN)
    conn.execute(";\n".join(script).encode())
    assume(not conn.execute(not_for.encode()).fetchall())
    model = Model(example)
    for runs in [list(example.undone)] if example.way == "together" else [[n] for n in example.undone]:
        names = [RUNS[n] for n in runs]
        refused = model.refused(set(runs))
        before = _contents(conn, example)
        assert before == model.contents()
        error = UNDO[example.way](conn, names)
        event(f"{example.way}: {'refused' if refused else 'undone'}")
        if refused:
            assert error and "UW007" in error
            assert example.way == "step by step" or _contents(conn, example) == before
            return
        assert error is None
        assert _receipts(conn, names) == model.undo(set(runs))
        assert _contents(conn, example) == model.contents()
        for run in names:
            assert conn.execute("select * from unwind.verify_run(%s)", [run]).fetchall() == []


# The ways ----------------------------------------------------------------------------------------


def _one_by_one(conn: Connection, runs: list[str]) -> str | None:
    preview = _summed(
        conn.execute(
            "select table_name, row_count from unwind.preview_run(%s) where statement ~ 'delete from'", runs
        )
    )
    error = _error(conn, "select * from unwind.compensate_run(%s)", runs)
    assert error or _receipts(conn, runs) == preview
    return error


def _together(conn: Connection, runs: list[str]) -> str | None:
    return _error(conn, "select * from unwind.compensate_runs(%s)", [runs])


def _in_batches(conn: Connection, runs: list[str]) -> str | None:
    return _error(conn, "call unwind.compensate_run_in_batches(%s, 2)", runs)


def _step_by_step(conn: Connection, runs: list[str]) -> str | None:
    """As far as it goes; where rows of another step are in the way, the rest in one call."""
    for (step,) in conn.execute(
        "select s.step from unwind.workflow_steps as s where exists"
        " (select from unwind.run_steps as r where r.run_id = %s and r.step = s.step) order by position desc",
        runs,
    ).fetchall():
        if _error(conn, "select * from unwind.compensate_step(%s, %s)", [*runs, step]):
            break
    return _error(conn, "select * from unwind.compensate_run(%s)", runs)


def _by_sweeps(conn: Connection, runs: list[str]) -> str | None:
    conn.execute("select unwind.fail_run(%s, 'as drawn')", runs)
    conn.execute("call unwind.recover_runs()")
    query = "select last_error from unwind.workflow_runs where id = %s and status = 'FAILED'"
    failed = conn.execute(query, runs).fetchone()
    return failed and failed[0]


UNDO: dict[str, Callable[[Connection, list[str]], str | None]] = {
    "one by one": _one_by_one,
    "together": _together,
    "in batches": _in_batches,
    "by sweeps": _by_sweeps,
    "step by step": _step_by_step,
}


def _error(conn: Connection, query: str, values: list[Any]) -> str | None:
    try:
        conn.execute(query.encode(), values)
    except psycopg.Error as error:
        return f"[{error.sqlstate}] {error}"
    return None


# What there is -----------------------------------------------------------------------------------


def _contents(conn: Connection, example: Drawn) -> list[tuple[Any, ...]]:
    """Every row, its key and its links as text."""
    selects = []
    for number, table in enumerate(example.tables):
        columns = schemas.key_columns(table) + [
            column
            for link in range(len(table.links))
            for column, _, _ in schemas.link_columns(example, number, link)
        ]
        texts = ", ".join(f"{column}::text" for column in columns)
        selects.append(f"select {number}, array[{texts}] from {schemas.name(number)}")
    return sorted(
        ((number, *values) for number, values in conn.execute(" union all ".join(selects).encode())),
        key=str,
    )


def _receipts(conn: Connection, runs: list[str]) -> Counter[str]:
    return _summed(
        conn.execute(
            "select table_name, rows_deleted from unwind.compensations where run_id = any(%s)", [runs]
        )
    )


def _summed(rows: Iterable[tuple[str, int]]) -> Counter[str]:
    counter: Counter[str] = Counter()
    for table, count in rows:
        counter[table] += int(count)
    return +counter
