"""A ledger by hand for this application alone: as careful as pgunwind, and with nothing for anybody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg

from .. import small_steps
from . import BY_HAND as NAME
from . import Forward

__all__ = ["COMPLETE", "NAME", "RECORD", "START", "opened"]

START = "insert into by_hand.runs (id, claimed_by) values (%s, %s)"
# Not under an undo, only by whose run it is, and no row that was there before.
RECORD = tuple(
    f"""
    with held as (
        select r.id from by_hand.runs as r
        where r.id = %(run)s and r.status = 'RUNNING' and r.claimed_by = %(worker)s
            and (r.started_by = session_user or pg_has_role(session_user, r.started_by, 'MEMBER'))
            and not exists (select from small_steps.{small_steps.name(step)} as t where t.id = %(key)s)
        for key share of r
    ),
    owned as (
        insert into by_hand.owners (step, entity_key, run_id)
        select '{small_steps.name(step)}', %(key)s, h.id from held as h
    )
    insert into by_hand.ledger (run_id, step, entity_key)
    select h.id, '{small_steps.name(step)}', %(key)s from held as h
    """
    for step in range(small_steps.STEPS)
)
# FOR UPDATE waits for the steps that hold the run; an update of columns that are in no key would not.
COMPLETE = """
with held as (
    select r.id from by_hand.runs as r
    where r.id = %s and r.status = 'RUNNING' and r.claimed_by = %s
    for update
)
update by_hand.runs as r set status = 'COMPLETED', updated_at = now(), claimed_by = null
from held where r.id = held.id
"""


@contextmanager
def opened(dsn: str, steps: int) -> Iterator[Forward]:
    """Yield the application with its ledger."""
    with psycopg.connect(dsn, autocommit=True) as conn:

        def expect_one(cursor: psycopg.Cursor) -> None:
            if cursor.rowcount != 1:
                raise RuntimeError("the run was taken away, or the row was there before")

        def forward(numbers: Iterable[int]) -> None:
            for _ in numbers:
                run = str(uuid4())
                conn.execute(START, [run, "worker"])
                for step in range(steps):
                    key = small_steps.key(run, step)
                    with conn.transaction():
                        expect_one(conn.execute(RECORD[step], {"run": run, "worker": "worker", "key": key}))
                        conn.execute(small_steps.INSERT[step], [key])
                expect_one(conn.execute(COMPLETE, [run, "worker"]))

        yield forward
