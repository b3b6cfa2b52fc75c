"""Workflows of many tables: planning and compiling, the first call of a session, and a warm one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from ..bench import Bench
from ..measure import Record, of_samples, seconds

TITLE = "Deep and broad workflows: plan and compile, first call, warm call"
AXIS = "planning"

_CALLS = 20


def measure(bench: Bench) -> list[Record]:
    """Chains, in which each table refers to the one before, and stars, in which all refer to the first."""
    records = []
    shapes: list[tuple[str, tuple[int, ...], Callable[[int], int]]] = [
        ("chain", bench.scale.depths, lambda table: table - 1),
        ("star", bench.scale.breadths, lambda _: 1),
    ]
    for shape, sizes, parent in shapes:
        for tables in sizes:
            records += _workflow(bench, f"{shape}_{tables}", shape, tables, parent)
    return records


def _workflow(bench: Bench, name: str, shape: str, tables: int, parent: Callable[[int], int]) -> list[Record]:
    links = {table: parent(table) for table in range(2, tables + 1)}
    _create(bench.conn, name, links)
    bench.conn.execute("select unwind.define_workflow(%s)", [name])
    bench.conn.execute("select unwind.define_step(%s, 'root', %s, 'id')", [name, f"{name}.t1"])
    compiling = [
        seconds(lambda: bench.conn.execute("select unwind.compile_workflow(%s)", [name]))
        for _ in range(bench.scale.repeats)
    ]
    first, warm = [], []
    for repeat in range(bench.scale.repeats):
        runs = [f"{name}-{repeat}-{call}" for call in range(_CALLS + 1)]
        _fill(bench.conn, name, runs, links)
        with psycopg.connect(bench.dsn, autocommit=True) as conn:
            taken = [_undo(conn, run) for run in runs]
        first.append(taken[0])
        warm += taken[1:]
    _verify_empty(bench.conn, name, tables)
    bench.conn.execute(f"drop schema {name} cascade")
    bench.conn.execute("delete from unwind.workflow_runs where workflow = %s", [name])
    bench.conn.execute("select unwind.drop_workflow(%s)", [name])
    figures = {"plan and compile": compiling, "first call": first, "warm call": warm}
    return [
        of_samples(AXIS, what, "seconds", own, shape=shape, tables=tables) for what, own in figures.items()
    ]


def _create(conn: psycopg.Connection[Any], schema: str, links: dict[int, int]) -> None:
    with conn.transaction():
        conn.execute(f"create schema {schema}")
        conn.execute(f"create table {schema}.t1 (id text primary key)")
        for child, parent in links.items():
            conn.execute(
                f"create table {schema}.t{child} (id text primary key, "
                f"parent text references {schema}.t{parent} on delete cascade)"
            )
            conn.execute(f"create index on {schema}.t{child} (parent)")


def _fill(conn: psycopg.Connection[Any], schema: str, runs: list[str], links: dict[int, int]) -> None:
    with conn.transaction():
        for run in runs:
            conn.execute("select unwind.start_run(%s, %s)", [schema, run])
            conn.execute("select unwind.record_step(%s, 'root', %s)", [run, run])
        conn.execute(f"insert into {schema}.t1 select unnest(%s::text[])", [runs])
        for child in links:
            conn.execute(f"insert into {schema}.t{child} select r, r from unnest(%s::text[]) as r", [runs])


def _undo(conn: psycopg.Connection[Any], run: str) -> float:
    return seconds(lambda: conn.execute("select * from unwind.compensate_run(%s)", [run]))


def _verify_empty(conn: psycopg.Connection[Any], schema: str, tables: int) -> None:
    for table in range(1, tables + 1):
        left = conn.execute(f"select count(*) from {schema}.t{table}").fetchone()
        assert left == (0,), f"{schema}.t{table} holds {left} rows"
