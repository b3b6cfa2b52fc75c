"""DBOS Transact: a workflow with a durable step for each compensation.

The steps are plain @DBOS.step functions around a psycopg transaction. DBOS's own way to the database, the
datasource, adds a second checkpoint inside that transaction, so that a step which is not idempotent runs
exactly once. Deletes are idempotent, and the datasource takes more than half as long again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from dbos import DBOS, DBOSConfig
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL

from .compensations import COMPENSATIONS, Compensation

NAME: Final = "DBOS Transact: a durable step a compensation"


@contextmanager
def opened(dsn: str) -> Iterator[Callable[[int], object]]:
    """Launch DBOS with the workflow registered."""
    with psycopg.connect(dsn, autocommit=True) as conn, configured(dsn, conn):
        undo = _workflow(conn)
        DBOS.launch()
        # Called directly, as a function: no queue in between, which would be polled.
        yield undo


@contextmanager
def configured(dsn: str, conn: psycopg.Connection[Any]) -> Iterator[None]:
    """Let DBOS have its tables in this database; drop all of it at the end. Between, register and launch."""
    config: DBOSConfig = {
        "name": "pgunwind-bench",
        "system_database_url": _url(dsn),
        "log_level": "WARNING",
        # By default every use of a pooled connection pings the server first: round trips saved.
        "db_engine_kwargs": {"pool_pre_ping": False},
    }
    DBOS(config=config)
    try:
        yield
    finally:
        # With the registry, or the next opened() could not register the same names again.
        DBOS.destroy(destroy_registry=True)
        conn.execute("drop schema if exists dbos cascade")


def _workflow(conn: psycopg.Connection[Any]) -> Callable[[int], object]:
    """Register the steps and the workflow that calls them, last saga step first."""
    steps = [_step(conn, compensation) for compensation in COMPENSATIONS]

    @DBOS.workflow()
    def undo_run(number: int) -> None:
        for step in steps:
            step(number)

    return undo_run


def _step(conn: psycopg.Connection[Any], compensation: Compensation) -> Callable[[int], None]:
    """Register the compensation of one saga step: one transaction."""

    @DBOS.step(name=f"undo_{compensation.step}")
    def undo_step(number: int) -> None:
        with conn.transaction():
            for statement in compensation.deletes:
                conn.execute(statement, compensation.key(number))

    return undo_step


def _url(dsn: str) -> str:
    """Return the conninfo as the URL that SQLAlchemy wants; a socket's directory goes into the query."""
    rest = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    url = URL.create(
        "postgresql+psycopg",
        username=rest.pop("user", None),
        password=rest.pop("password", None),
        database=rest.pop("dbname"),
        query=rest,
    )
    return url.render_as_string(hide_password=False)
