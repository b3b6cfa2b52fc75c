"""The synchronous shell's I/O: where connections come from, and how a command is carried out on one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import psycopg
from psycopg.rows import tuple_row

from . import _base, _commands
from ._base import OWN_CONNECTION, in_transaction
from ._commands import Command
from .errors import translate

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

Connection = psycopg.Connection[Any]
T = TypeVar("T")


def execute(connection: Connection, command: Command[T]) -> T:
    """Call one function in whatever transaction the connection is in.

    With a cursor of our own, so that the connection's row and cursor factories do not matter; never as a
    prepared statement, so that it works through any pooler.
    """
    if command.several:
        return execute_message(connection, command)
    with translate(), psycopg.Cursor(connection, row_factory=tuple_row) as cursor:
        cursor.execute(command.sql, command.parameters, prepare=False)
        return command.read(cursor.fetchall() if cursor.description else [])


def execute_message(connection: Connection, command: Command[T]) -> T:
    """Carry out several statements in one message, as ClientCursor can send them.

    In autocommit that is one transaction, so that what the first ones set holds for the last.
    """
    with translate(), psycopg.ClientCursor(connection, row_factory=tuple_row) as cursor:
        cursor.execute(command.sql, command.parameters)
        while cursor.nextset():
            pass
        return command.read(cursor.fetchall())


def call_alone(connection: Connection, command: Command[T], worker: str | None = None) -> T:
    """Call one function in a transaction of its own, speaking as the worker if one is given."""
    if command.commits or connection.autocommit or _base.begins_plainly(connection):
        with in_autocommit(connection):
            return speak(connection, command, worker)  # a message by itself: one round trip
    with translate(), connection.transaction():
        return speak(connection, command, worker)


def speak(connection: Connection, command: Command[T], worker: str | None) -> T:
    """Call one function in whatever transaction the connection is in, as the worker if one is given."""
    return execute(connection, command if worker is None else _commands.spoken(command, worker))


@contextmanager
def transaction(connection: Connection, opening: Iterable[Command[None]]) -> Iterator[None]:
    """A transaction that begins with these calls: BEGIN and all of them are one round trip.

    In a pipeline of the caller's, or without pipelines in libpq, each is one by itself.
    """
    with ExitStack() as stack:
        if not _base.can_pipeline(connection):
            stack.enter_context(connection.transaction())
            for command in opening:
                execute(connection, command)
        else:
            # Out of autocommit a cursor would not see that BEGIN is queued, and wait for another.
            stack.enter_context(in_autocommit(connection))
            with connection.pipeline():
                # Not connection.transaction(): in a pipeline that waits for BEGIN.
                stack.enter_context(psycopg.Transaction(connection))
                for command in opening:
                    queue(connection, command)
        yield


def queue(connection: Connection, command: Command[None]) -> None:
    """Call one function in the open pipeline, at whose end it fails if it does; as execute does otherwise."""
    cursor = psycopg.Cursor(connection, row_factory=tuple_row)
    cursor.execute(command.sql, command.parameters, prepare=False)


@contextmanager
def in_autocommit(connection: Connection) -> Iterator[None]:
    """Switch autocommit on for what begins or commits by itself, and back."""
    if connection.autocommit:
        yield
        return
    connection.autocommit = True
    try:
        yield
    finally:
        if _base.in_transaction(connection):  # its end was interrupted
            connection.rollback()
        if not connection.closed:
            connection.autocommit = False


def cancel(connection: Connection, patience: float) -> None:
    """Cancel on the server what the connection waits for."""
    with suppress(psycopg.Error):
        connection.cancel_safe(timeout=patience)


def check_schema(connection: Connection) -> None:
    """Raise SchemaTooOld unless the database has a schema that this client can use."""
    perform = execute if in_transaction(connection) else call_alone
    try:
        version = perform(connection, _commands.schema_version())
    except psycopg.Error as error:
        missing = _base.schema_missing(error)
        if missing is None:
            raise
        raise missing from error
    _base.assert_schema_version(version)


class Source(Protocol):
    """Where connections come from."""

    @property
    def usable(self) -> bool:
        """Whether a connection that is not fresh can be had."""
        ...

    def connection(self, *, fresh: bool = False) -> AbstractContextManager[Connection]:
        """A connection for one transaction; a fresh one is known to be new."""
        ...

    def for_run(self) -> AbstractContextManager[Source]:
        """The source that one run uses."""
        ...

    def connect(self) -> Connection:
        """A new connection of the client's own, to be closed; never one of the application's."""
        ...


class GivenConnection:
    """The user's own connection. A fresh one is made as it was made, and closed after use."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._parameters = _base.reconnect_parameters(connection)

    @property
    def usable(self) -> bool:
        return not self._connection.closed

    @contextmanager
    def connection(self, *, fresh: bool = False) -> Iterator[Connection]:
        if not fresh:
            yield self._connection
            return
        with psycopg.connect(**self._parameters, **OWN_CONNECTION) as new:
            yield new

    @contextmanager
    def for_run(self) -> Iterator[Source]:
        yield self

    def connect(self) -> Connection:
        return psycopg.connect(**_base.parameters_apart("", self._parameters))


class Pooled:
    """A psycopg_pool.ConnectionPool. It drops its dead connections before a fresh one is taken."""

    usable = True

    def __init__(self, pool: ConnectionPool[Any]) -> None:
        self._pool = pool

    @contextmanager
    def connection(self, *, fresh: bool = False) -> Iterator[Connection]:
        if fresh:
            self._pool.check()
        with self._pool.connection() as connection:
            yield connection

    @contextmanager
    def for_run(self) -> Iterator[Source]:
        yield self

    def connect(self) -> Connection:
        conninfo, kwargs = self._pool.conninfo, self._pool.kwargs
        conninfo = conninfo() if callable(conninfo) else conninfo
        kwargs = kwargs() if callable(kwargs) else kwargs
        parameters = _base.parameters_apart(conninfo, kwargs or {})
        connection: Connection = self._pool.connection_class.connect(**parameters)
        return connection


class Conninfo:
    """A connection string: one connection per call, and one kept for a run."""

    usable = True

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo

    @contextmanager
    def connection(self, *, fresh: bool = False) -> Iterator[Connection]:
        with psycopg.connect(self._conninfo, **OWN_CONNECTION) as connection:
            yield connection

    @contextmanager
    def for_run(self) -> Iterator[Source]:
        kept = KeptConnection(self._conninfo)
        try:
            yield kept
        finally:
            kept.close()

    def connect(self) -> Connection:
        return psycopg.connect(**_base.parameters_apart(self._conninfo, {}))


class KeptConnection:
    """The connection that a run on a connection string keeps; made anew when it is gone."""

    usable = True

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: Connection | None = None

    @contextmanager
    def connection(self, *, fresh: bool = False) -> Iterator[Connection]:
        if fresh:
            self.close()
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._conninfo, **OWN_CONNECTION)
        yield self._connection

    @contextmanager
    def for_run(self) -> Iterator[Source]:
        yield self

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def connect(self) -> Connection:
        return Conninfo(self._conninfo).connect()


def source_of(given: object) -> Source:
    """The source for a connection, a pool or a connection string."""
    if isinstance(given, str):
        return Conninfo(given)
    if isinstance(given, psycopg.Connection):
        return GivenConnection(given)
    pools = sys.modules.get("psycopg_pool")  # optional: whoever has a pool has imported it
    if pools is not None and isinstance(given, pools.ConnectionPool):
        return Pooled(given)
    raise _base.no_source(given, "a psycopg.Connection, a ConnectionPool of them, or a conninfo string")
