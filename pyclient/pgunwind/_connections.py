"""What a connection is good for, and how another is made like it. Nothing here does I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import PipelineStatus, TransactionStatus

from .errors import TransactionMismatch

AnyConnection = psycopg.Connection[Any] | psycopg.AsyncConnection[Any]

OWN_CONNECTION: Final[dict[str, Any]] = {"autocommit": True, "prepare_threshold": None}
"""Settings of the connections that the client opens: fit for transaction-mode poolers."""

GIVES_UP: Final[dict[str, Any]] = {"connect_timeout": 10, "tcp_user_timeout": 10_000}
"""Seconds, and milliseconds."""


def in_transaction(connection: AnyConnection) -> bool:
    """Whether a transaction is open on the connection, or a statement is under way."""
    return connection.pgconn.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)


def is_busy(connection: AnyConnection) -> bool:
    """Whether a call on it was broken off before its answer came, so that it takes no other."""
    active = connection.pgconn.transaction_status == TransactionStatus.ACTIVE
    return active and not connection.lock.locked()


def in_pipeline(connection: AnyConnection) -> bool:
    """Whether it is in pipeline mode, where a message is one statement, and answers come later."""
    return connection.pgconn.pipeline_status != PipelineStatus.OFF


def require_idle(connection: AnyConnection) -> None:
    """Refuse to call a commit what would only be a savepoint in somebody else's transaction."""
    if in_transaction(connection):
        raise TransactionMismatch(
            "the connection is in a transaction already",
            "Runs and steps are transactions of their own; nested in another one they would not commit.",
            "Commit first, set autocommit, or give Unwind a pool or a conninfo.",
        )


def require_autocommit(connection: AnyConnection) -> None:
    """Refuse to run a procedure that commits on a connection that would put a transaction around it."""
    require_idle(connection)
    if not connection.autocommit:
        raise TransactionMismatch(
            "the connection is not in autocommit",
            "The procedure commits by itself, which it cannot do inside a transaction.",
            "Set connection.autocommit = True, or leave connection= out.",
        )


def require_transaction(connection: AnyConnection) -> None:
    """Refuse what would be lost at once, for want of a transaction that it could last for."""
    if connection.autocommit and not in_transaction(connection):
        raise TransactionMismatch(
            "the connection is in no transaction",
            "It is in autocommit, so the call would be a transaction of its own and over before yours.",
            "Open one first: with connection.transaction(): …",
        )


def require_committable(connection: AnyConnection) -> None:
    """Refuse to call a commit what would keep nothing, or not all."""
    status = connection.pgconn.transaction_status
    if in_pipeline(connection):  # what was sent last may still fail
        return
    if status == TransactionStatus.INERROR:
        raise TransactionMismatch(
            "a statement of the step has failed, and its error was kept from the step",
            "PostgreSQL rolls such a transaction back, whatever else was done in it.",
            "Put what may fail into a savepoint: with connection.transaction(): …",
        )
    if status == TransactionStatus.IDLE:
        raise TransactionMismatch(
            "the transaction of the step was ended within it",
            "A step is recorded, and its rows are written, in the one transaction that it opens.",
            "Leave COMMIT and ROLLBACK to the step: raise psycopg.Rollback to take it back.",
        )


def begins_plainly(connection: AnyConnection) -> bool:
    """Whether the connection gives its transactions no isolation level, nor anything else, of its own."""
    settings = (connection.isolation_level, connection.read_only, connection.deferrable)
    return settings == (None, None, None)


def conninfo_of(text: str) -> str:
    """The conninfo; of a URL of SQLAlchemy's, without the driver's name, which libpq does not know."""
    return re.sub(r"^postgres(ql)?\+\w+://", "postgresql://", text)


INSTEAD: Final = {
    "sqlalchemy": "; with postgresql+psycopg:// it is session.connection().connection.driver_connection",
    "django": "; with psycopg 3 it is django.db.connection.connection, after ensure_connection()",
    "psycopg2": "; psycopg2 is another driver: pgunwind works with psycopg 3",
    "asyncpg": "; asyncpg is another driver: pgunwind works with psycopg 3",
}
"""What to give instead of connections that others have, by the package they are from."""


def instead_of(given: object) -> str:
    """What to give instead of it, as the end of a sentence."""
    packages = (kind.__module__.partition(".")[0] for kind in type(given).__mro__)
    return next((INSTEAD[package] for package in packages if package in INSTEAD), "")


def reconnect_parameters(connection: AnyConnection) -> dict[str, Any]:
    """What it takes to connect again as this connection did, password included."""
    parameters: dict[str, Any] = dict(connection.info.get_parameters())
    if connection.info.password:
        parameters["password"] = connection.info.password
    return parameters


def parameters_apart(conninfo: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What a connection beside the application's is made with: it gives up in time where nobody answers."""
    return {**GIVES_UP, **conninfo_to_dict(conninfo), **parameters, **OWN_CONNECTION}
