"""Absurd: a task with a durable step for each step; its checkpoint commits with the application's insert."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from absurd_sdk import Absurd, TaskContext

from .. import small_steps
from ..contenders.absurd_saga import installed
from . import Forward

NAME: Final = "Absurd: a durable step a step"
_TASK: Final = "small-steps"


@contextmanager
def opened(dsn: str, steps: int) -> Iterator[Forward]:
    """Install Absurd's schema with one queue, register the task, and drop all of it at the end."""
    with psycopg.connect(dsn, autocommit=True) as conn, installed(conn) as app:
        finished = _register(app, conn, steps)

        def forward(numbers: Iterable[int]) -> None:
            for number in numbers:
                app.spawn(_TASK, number)
                app.work_batch()
                if finished[-1:] != [number]:
                    raise RuntimeError(f"the task of run {number} did not finish")

        yield forward


def _register(app: Absurd, conn: psycopg.Connection[Any], steps: int) -> list[int]:
    """Register the task; return the list that it appends the finished runs to."""
    finished: list[int] = []

    def insert(step: int, number: int) -> None:
        conn.execute(small_steps.INSERT[step], [small_steps.key(number, step)])

    @app.register_task(_TASK)
    def execute(number: int, ctx: TaskContext) -> None:
        for step in range(steps):
            with conn.transaction():
                ctx.step(small_steps.name(step), lambda step=step: insert(step, number))
        finished.append(number)

    return finished
