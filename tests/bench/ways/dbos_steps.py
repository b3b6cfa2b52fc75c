"""DBOS Transact: a workflow with a durable step for each step, around the application's own transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from dbos import DBOS

from .. import small_steps
from ..contenders.dbos_saga import configured
from . import Forward

NAME: Final = "DBOS Transact: a durable step a step"


@contextmanager
def opened(dsn: str, steps: int) -> Iterator[Forward]:
    """Launch DBOS with its tables in this database, and drop all of it at the end."""
    with psycopg.connect(dsn, autocommit=True) as conn, configured(dsn, conn):
        workflow = _workflow(conn, steps)
        DBOS.launch()

        def forward(numbers: Iterable[int]) -> None:
            for number in numbers:
                workflow(number)

        yield forward


def _workflow(conn: psycopg.Connection[Any], steps: int) -> Callable[[int], None]:
    own = [_step(conn, step) for step in range(steps)]

    @DBOS.workflow()
    def small_steps_by_dbos(number: int) -> None:
        for step in own:
            step(number)

    return small_steps_by_dbos


def _step(conn: psycopg.Connection[Any], step: int) -> Callable[[int], None]:
    @DBOS.step(name=small_steps.name(step))
    def execute(number: int) -> None:
        with conn.transaction():
            conn.execute(small_steps.INSERT[step], [small_steps.key(number, step)])

    return execute
