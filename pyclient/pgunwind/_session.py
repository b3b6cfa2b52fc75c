# Made from _async_session.py by make sync-client: change that file, not this one.

"""A session of a tool that writes on its own: all it does is one run, to be kept or taken back as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ._capture_connection import CaptureConnection
from ._connections import OWN_CONNECTION, conninfo_of, in_transaction
from .client import Run, Unwind
from .errors import TransactionMismatch
from .results import Change, RunResult

TAKEN_BACK = "taken back"
"""Why the run of a session is undone that is left without keep()."""


class Session:
    """A tool's connection, what it has changed, and whether that is kept."""

    def __init__(self, unwind: Unwind, run: Run, connection: CaptureConnection[tuple[Any, ...]]) -> None:
        self._unwind = unwind
        self._run = run
        self._connection = connection
        self._kept = False

    @property
    def connection(self) -> CaptureConnection[tuple[Any, ...]]:
        """The connection for the tool, in autocommit: each of its transactions is the run's."""
        return self._connection

    @property
    def run_id(self) -> str:
        """The id of the session's run."""
        return self._run.id

    @property
    def result(self) -> RunResult:
        """What became of the run; final once the block is left."""
        return self._run.result

    def find_changes(self) -> tuple[Change, ...]:
        """What taking it all back would do, a row each.

        Raises: TransactionMismatch, while the tool has a transaction open: what that has changed is not seen.
        """
        if in_transaction(self._connection):
            raise TransactionMismatch(
                "the connection is in a transaction",
                "What it has changed is seen by nobody else before it is committed.",
                "Commit or roll back first: session.connection.commit().",
            )
        return self._unwind.find_changes(self._run.id)

    def keep(self) -> None:
        """Keep all that the tool has committed when the block is left."""
        self._kept = True


@contextmanager
def session(
    dsn: str,
    workflow: str,
    *,
    role: str,
    business_key: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Iterator[Session]:
    """Let a tool loose on a connection of its own, look at what it has done, and keep all of it or nothing.

        with session("dbname=shop", "agent", role="shop_agent") as session:
            agent(session.connection)
            for change in session.find_changes():
                print(change.action, change.table_name, change.row_key)
            session.keep()

    Left without keep(), or by an exception, everything that the tool has changed in captured tables is taken
    back. What it has not committed by then is rolled back.

    Args:
        dsn: where to connect. This login starts the run and takes it back.
        workflow: the name of a defined workflow; it needs no steps.
        role: the role that the tool has, which is the login's or one that it may set; bind it, so that
            nothing of the tool's stays outside the run (unwind.bind_role). SQL of the tool's own can set
            another role, as far as the login may: where it is not trusted, log in as the bound role.
        business_key: as for Unwind.run.
        metadata: as for Unwind.run.

    Raises:
        CompensationPending: what the tool did cannot be taken back now; its cause is ChangedSince where
            somebody else has changed one of these rows since.
        RunNotRunning, ClaimLost: in the tool, once the run is no longer this session's.
        TransactionMismatch: the server has not set the role, as behind a pooler that drops options.

    """
    unwind = Unwind(dsn)
    session: Session | None = None
    try:
        with unwind.run(workflow, business_key=business_key, metadata=metadata, capture=True) as run:
            with connect_as(role, dsn) as connection:
                connection._always = run._state.capture
                session = Session(unwind, run, connection)
                try:
                    yield session
                finally:
                    if not connection.closed:
                        connection.rollback()
            if not session._kept:
                run.fail(TAKEN_BACK)
    finally:
        if session is not None and not session._kept and run.completed:  # by the tool itself
            run._state.receipts = unwind.compensate_run(run.id, force=True)
            run._state.status = "COMPENSATED"


def connect_as(role: str, dsn: str) -> CaptureConnection[tuple[Any, ...]]:
    """Connect, with the role as the session's own: RESET ROLE comes back to it."""
    conninfo = conninfo_of(dsn)
    options = conninfo_to_dict(conninfo).get("options") or ""
    escaped = role.replace("\\", "\\\\").replace(" ", "\\ ")
    conninfo = make_conninfo(conninfo, options=f"{options} -c role={escaped}")
    connection = CaptureConnection.connect(conninfo, **OWN_CONNECTION)
    cursor = psycopg.Cursor(connection)
    cursor.execute("select pg_catalog.current_setting('role')")
    row = cursor.fetchone()
    if row != (role,):
        connection.close()
        raise TransactionMismatch(
            f"the session does not have role {role!r}",
            "It is asked for as the session begins, by options; a pooler may drop them.",
            "Connect to the server itself, or log in as that role.",
        )
    return connection
