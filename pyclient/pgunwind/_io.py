"""The synchronous shell's I/O: where connections come from, and how a command is carried out on one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
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
    with translate(), psycopg.Cursor(connection, row_factory=tuple_row) as cursor:
        cursor.execute(command.sql, command.parameters, prepare=False)
        return command.read(cursor.fetchall() if cursor.description else [])


def execute_spoken(connection: Connection, command: Command[T], worker: str) -> T:
    """Call one function in whatever transaction the connection is in, speaking as the worker.

    Both statements go in one message, as ClientCursor can send them: one round trip and, in autocommit, one
    transaction, so that the word holds for the call, through any pooler.
    """
    command = _commands.spoken(command, worker)
    with translate(), psycopg.ClientCursor(connection, row_factory=tuple_row) as cursor:
        cursor.execute(command.sql, command.parameters)
        cursor.nextset()
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
    if worker is None:
        return execute(connection, command)
    return execute_spoken(connection, command, worker)


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

    def apart(self) -> AbstractContextManager[Connection]:
        """A connection for one call beside those that the run is using."""
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

    def apart(self) -> AbstractContextManager[Connection]:
        return self.connection(fresh=True)


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

    def apart(self) -> AbstractContextManager[Connection]:
        return self.connection()


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

    def apart(self) -> AbstractContextManager[Connection]:
        return self.connection()


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

    def apart(self) -> AbstractContextManager[Connection]:
        return Conninfo(self._conninfo).connection()


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
