"""Absurd: a task with a durable step for each compensation, run by a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import absurdctl
import psycopg
from absurd_sdk import Absurd, TaskContext

from .compensations import COMPENSATIONS, Compensation

NAME: Final = "Absurd: a durable step a compensation"
_QUEUE: Final = "undo"
_TASK: Final = "undo-run"


@contextmanager
def opened(dsn: str) -> Iterator[Callable[[int], object]]:
    """Install Absurd, register the task, and drop all of it at the end."""
    with psycopg.connect(dsn, autocommit=True) as conn, installed(conn) as app:
        yield _undo(app, conn)


@contextmanager
def installed(conn: psycopg.Connection[Any]) -> Iterator[Absurd]:
    """Install Absurd's schema with one queue; drop it at the end."""
    # What `absurdctl init` sends; that command itself needs a psql on the path.
    conn.execute(absurdctl.BUNDLED_SCHEMA_SQL)
    try:
        app = Absurd(conn, queue_name=_QUEUE)
        app.create_queue()
        yield app
    finally:
        conn.execute("drop schema absurd cascade")


def _undo(app: Absurd, conn: psycopg.Connection[Any]) -> Callable[[int], object]:
    """Register the task, and return a function that spawns it and works it off."""
    finished: list[int] = []

    @app.register_task(_TASK)
    def undo_run(number: int, ctx: TaskContext) -> None:
        for compensation in COMPENSATIONS:
            # The step's checkpoint goes to the same connection, so it commits with the deletes: one commit
            # for each compensation instead of two, and no way to lose one of them.
            with conn.transaction():
                ctx.step(compensation.step, lambda c=compensation: _delete(conn, c, number))
        finished.append(number)

    def undo(number: int) -> None:
        finished.clear()
        app.spawn(_TASK, number)
        # The worker's loop takes up a new task only after up to a quarter of a second; its body at once.
        app.work_batch()
        # A worker records a failure instead of raising it. Asking for the result would cost a round trip.
        if finished != [number]:
            raise RuntimeError(f"the task that undoes run {number} did not finish")

    return undo


def _delete(conn: psycopg.Connection[Any], compensation: Compensation, number: int) -> None:
    """Delete the rows of one saga step."""
    for statement in compensation.deletes:
        conn.execute(statement, compensation.key(number))
