"""A workflow of small steps, one row each, and what a ledger by hand with the same guarantees needs."""

from __future__ import annotations

from typing import Any, Final

import psycopg

STEPS: Final = 5
"""Tables there are; a run takes the first few."""
WORKFLOW: Final = "small_steps"


def name(step: int) -> str:
    """Return what a step is called, and its table."""
    return f"step_{step}"


def key(run: int | str, step: int) -> str:
    """Return the key of the row that a run writes in a step."""
    return f"{run}-{step}"


INSERT: Final = tuple(
    f"insert into small_steps.{name(step)} (id, payload) values (%s, 'some text of a usual length')"
    for step in range(STEPS)
)

_BY_HAND: Final = """
create schema by_hand;
create table by_hand.runs (
    id text primary key, status text not null default 'RUNNING', claimed_by text,
    started_by name not null default session_user,
    started_at timestamptz not null default now(), updated_at timestamptz not null default now()
);
create table by_hand.ledger (
    run_id text not null references by_hand.runs, step text not null, entity_key text not null,
    recorded_at timestamptz not null default clock_timestamp(), compensated_at timestamptz,
    primary key (run_id, step, entity_key)
);
create table by_hand.owners (
    step text not null, entity_key text not null, run_id text not null references by_hand.runs,
    primary key (step, entity_key)
);
create index on by_hand.owners (run_id);
"""


def prepare(conn: psycopg.Connection[Any]) -> None:
    """Make the tables, the workflow over them, and the ledger by hand."""
    conn.execute("create schema small_steps")
    conn.execute("select unwind.define_workflow(%s)", [WORKFLOW])
    for step in range(STEPS):
        conn.execute(f"create table small_steps.{name(step)} (id text primary key, payload text)")
        conn.execute(
            "select unwind.define_step(%s, %s, %s::regclass, 'id')",
            [WORKFLOW, name(step), f"small_steps.{name(step)}"],
        )
    conn.execute(_BY_HAND)


def rows(conn: psycopg.Connection[Any]) -> int:
    """Return how many rows all runs have left."""
    counts = " + ".join(f"(select count(*) from small_steps.{name(step)})" for step in range(STEPS))
    row = conn.execute(f"select {counts}").fetchone()
    assert row is not None
    return int(row[0])
