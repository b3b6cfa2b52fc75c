"""Captures what Django does: each transaction is that of the run in whose block it begins.

    import pgunwind.django

    class ShopConfig(AppConfig):
        def ready(self):
            pgunwind.django.capture()

With psycopg 3 or psycopg2. Needs Django.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.db import connections, transaction  # type: ignore[import-untyped]
from django.db.backends.signals import connection_created  # type: ignore[import-untyped]
from psycopg.pq import TransactionStatus

from ._capture import Capture, capturing
from ._statements import kind_of
from .errors import own_error

__all__ = ["capture"]

ENTER_RUN: Final = "select unwind.enter_run(run_id => %s, worker => %s)"

_runs: WeakKeyDictionary[Any, Capture] = WeakKeyDictionary()
"""Connections of Django's whose transaction has entered a run."""


def capture() -> None:
    """Have each transaction on PostgreSQL enter the run in whose block it begins, if that run captures.

    What it changes in captured tables is undone with the run; elsewhere Django is as it was. A statement in
    autocommit is a transaction of its own then. Call it once, when Django is set up: in AppConfig.ready().

    What does not go through Django's cursors is not seen, COPY of psycopg 3 for instance: open a transaction,
    and execute something in it first. Django's TestCase never commits, so use TransactionTestCase.
    """
    connection_created.connect(_put_on, dispatch_uid="pgunwind.capture")
    for connection in connections.all(initialized_only=True):
        if connection.connection is not None:
            _put_on(connection=connection)


def _put_on(*, connection: Any, **_: Any) -> None:
    if connection.vendor == "postgresql" and _enter_first not in connection.execute_wrappers:
        connection.execute_wrappers.append(_enter_first)


def _enter_first(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Execute a statement, as Django does; its transaction enters the run first."""
    connection = context["connection"]
    if not _in_transaction(connection):
        _runs.pop(connection, None)
    run = capturing()
    if run is None and connection not in _runs:
        return execute(sql, params, many, context)
    kind = kind_of(sql) if isinstance(sql, str) else "work"
    if kind == "control":  # back to a savepoint, perhaps to one from before the run was entered
        _runs.pop(connection, None)
        return execute(sql, params, many, context)
    if run is None or kind == "setting" or connection in _runs or _has_failed(connection):
        return execute(sql, params, many, context)
    if connection.get_autocommit():
        with transaction.atomic(using=connection.alias):
            _enter(connection, run)
            return execute(sql, params, many, context)
    _enter(connection, run)
    return execute(sql, params, many, context)


def _enter(connection: Any, run: Capture) -> None:
    try:
        with connection.connection.cursor() as cursor:
            cursor.execute(ENTER_RUN, [run.claim.run_id, run.claim.worker])
    except Exception as error:
        own = own_error(error)
        if own is None:
            raise
        raise own from error
    _runs[connection] = run
    run.entered(connection, _in_transaction)


def _has_failed(connection: Any) -> bool:
    return _status(connection) == TransactionStatus.INERROR


def _in_transaction(connection: Any) -> bool:
    return _status(connection) not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)


def _status(connection: Any) -> int:
    """Return the status of its transaction, by libpq's number, which both drivers have."""
    own = connection.connection
    return TransactionStatus.UNKNOWN if own is None else int(own.info.transaction_status)
