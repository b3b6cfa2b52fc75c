"""Captures what SQLAlchemy does: each transaction of an engine is that of the run in whose block it begins.

    from pgunwind.sqlalchemy import capture

    engine = capture(create_engine("postgresql+psycopg://…"))
    with unwind.run("checkout", capture=True):
        with Session(engine) as session:  # the application as it was
            …

With any driver: psycopg, psycopg2, asyncpg. Needs SQLAlchemy 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import Connection, Engine, TextClause, event, text
from sqlalchemy.exc import DBAPIError

from ._capture import Capture, capturing
from .errors import TransactionMismatch, own_error

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = ["capture"]

AnyEngine = TypeVar("AnyEngine", "Engine", "AsyncEngine")

ENTER_RUN: Final[TextClause] = text("select unwind.enter_run(run_id => :run_id, worker => :worker)")


def capture(engine: AnyEngine) -> AnyEngine:
    """Have each transaction of the engine enter the run in whose block it begins, if that run captures.

    Elsewhere the engine is as it was. What it changes in captured tables is undone with the run. Again for
    the same engine it changes nothing.

    Args:
        engine: an Engine or an AsyncEngine, however it is used: connections, sessions, the ORM.

    Returns: the same engine.

    A transaction begins with RunNotRunning or ClaimLost where the run has ended or is somebody else's, and
    with TransactionMismatch where it could not be captured: in AUTOCOMMIT, or as a two-phase transaction.

    """
    sync_engine = engine if isinstance(engine, Engine) else engine.sync_engine
    if not event.contains(sync_engine, "begin", _begin):
        event.listen(sync_engine, "begin", _begin)
        event.listen(sync_engine, "begin_twophase", _begin_twophase)
    return engine


def _begin(connection: Connection) -> None:
    run = capturing()
    if run is None:
        return
    try:
        if connection.connection.dbapi_connection.autocommit:  # type: ignore[union-attr]
            raise TransactionMismatch(
                "the connection is in AUTOCOMMIT, where a run is left as soon as it is entered",
                "Each statement would be a transaction of its own, and none of them captured.",
                "Leave isolation_level='AUTOCOMMIT' out inside the run's block.",
            )
        _enter(connection, run)
    except BaseException:
        connection.close()  # rolled back, and no further statement on it goes uncaptured
        raise


def _enter(connection: Connection, run: Capture) -> None:
    values = {"run_id": run.claim.run_id, "worker": run.claim.worker}
    try:
        connection.execute(ENTER_RUN, values).scalar()  # a server-side cursor does nothing before it is asked
    except DBAPIError as error:
        own = own_error(error.orig)
        if own is None:
            raise
        raise own from error
    run.entered(connection, Connection.in_transaction)


def _begin_twophase(connection: Connection, xid: Any) -> None:
    if capturing() is not None:
        connection.close()
        raise TransactionMismatch(
            "a two-phase transaction of SQLAlchemy cannot be captured",
            "It has to enter the run before its first statement, which begins an ordinary transaction.",
            "Leave twophase=True out inside the run's block.",
        )
