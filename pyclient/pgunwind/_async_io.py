"""The asynchronous shell's I/O: where connections come from, and how a command is carried out on one."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import psycopg
from psycopg.rows import tuple_row

from . import _base, _commands
from ._base import OWN_CONNECTION, in_transaction
from ._commands import Command
from .errors import translate

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

Connection = psycopg.AsyncConnection[Any]
T = TypeVar("T")


async def execute(connection: Connection, command: Command[T]) -> T:
    """Call one function in whatever transaction the connection is in.

    With a cursor of our own, so that the connection's row and cursor factories do not matter; never as a
    prepared statement, so that it works through any pooler.
    """
    if command.several:
        return await execute_message(connection, command)
    with translate():
        async with psycopg.AsyncCursor(connection, row_factory=tuple_row) as cursor:
            await cursor.execute(command.sql, command.parameters, prepare=False)
            return command.read(await cursor.fetchall() if cursor.description else [])


async def execute_message(connection: Connection, command: Command[T]) -> T:
    """Carry out several statements in one message, as AsyncClientCursor can send them.

    In autocommit that is one transaction, so that what the first ones set holds for the last.
    """
    with translate():
        async with psycopg.AsyncClientCursor(connection, row_factory=tuple_row) as cursor:
            await cursor.execute(command.sql, command.parameters)
            while cursor.nextset():
                pass
            return command.read(await cursor.fetchall())


async def call_alone(connection: Connection, command: Command[T], worker: str | None = None) -> T:
    """Call one function in a transaction of its own, speaking as the worker if one is given."""
    if command.commits or connection.autocommit or _base.begins_plainly(connection):
        async with in_autocommit(connection):
            return await speak(connection, command, worker)  # a message by itself: one round trip
    with translate():
        async with connection.transaction():
            return await speak(connection, command, worker)


async def speak(connection: Connection, command: Command[T], worker: str | None) -> T:
    """Call one function in whatever transaction the connection is in, as the worker if one is given."""
    return await execute(connection, command if worker is None else _commands.spoken(command, worker))


@asynccontextmanager
async def transaction(connection: Connection, opening: Iterable[Command[None]]) -> AsyncIterator[None]:
    """A transaction that begins with these calls: BEGIN and all of them are one round trip.

    In a pipeline of the caller's, or without pipelines in libpq, each is one by itself.
    """
    async with AsyncExitStack() as stack:
        if not _base.can_pipeline(connection):
            await stack.enter_async_context(connection.transaction())
            for command in opening:
                await execute(connection, command)
        else:
            # Out of autocommit a cursor would not see that BEGIN is queued, and wait for another.
            await stack.enter_async_context(in_autocommit(connection))
            async with connection.pipeline():
                # Not connection.transaction(): in a pipeline that waits for BEGIN.
                await stack.enter_async_context(psycopg.AsyncTransaction(connection))
                for command in opening:
                    await queue(connection, command)
        yield


async def queue(connection: Connection, command: Command[None]) -> None:
    """Call one function in the open pipeline, at whose end it fails if it does; as execute does otherwise."""
    cursor = psycopg.AsyncCursor(connection, row_factory=tuple_row)
    await cursor.execute(command.sql, command.parameters, prepare=False)


@asynccontextmanager
async def in_autocommit(connection: Connection) -> AsyncIterator[None]:
    """Switch autocommit on for what begins or commits by itself, and back."""
    if connection.autocommit:
        yield
        return
    await connection.set_autocommit(True)
    try:
        yield
    finally:
        if _base.in_transaction(connection):  # its end was interrupted
            await connection.rollback()
        if not connection.closed:
            await connection.set_autocommit(False)


async def cancel(connection: Connection, patience: float) -> None:
    """Cancel on the server what the connection waits for."""
    with suppress(psycopg.Error):
        await connection.cancel_safe(timeout=patience)


async def check_schema(connection: Connection) -> None:
    """Raise SchemaTooOld unless the database has a schema that this client can use."""
    perform = execute if in_transaction(connection) else call_alone
    try:
        version = await perform(connection, _commands.schema_version())
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

    def connection(self, *, fresh: bool = False) -> AbstractAsyncContextManager[Connection]:
        """A connection for one transaction; a fresh one is known to be new."""
        ...

    def for_run(self) -> AbstractAsyncContextManager[Source]:
        """The source that one run uses."""
        ...

    async def connect(self) -> Connection:
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

    @asynccontextmanager
    async def connection(self, *, fresh: bool = False) -> AsyncIterator[Connection]:
        if not fresh:
            yield self._connection
            return
        async with await psycopg.AsyncConnection.connect(**self._parameters, **OWN_CONNECTION) as new:
            yield new

    @asynccontextmanager
    async def for_run(self) -> AsyncIterator[Source]:
        yield self

    async def connect(self) -> Connection:
        return await psycopg.AsyncConnection.connect(**_base.parameters_apart("", self._parameters))


class Pooled:
    """A psycopg_pool.AsyncConnectionPool. It drops its dead connections before a fresh one is taken."""

    usable = True

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool

    @asynccontextmanager
    async def connection(self, *, fresh: bool = False) -> AsyncIterator[Connection]:
        if fresh:
            await self._pool.check()
        async with self._pool.connection() as connection:
            yield connection

    @asynccontextmanager
    async def for_run(self) -> AsyncIterator[Source]:
        yield self

    async def connect(self) -> Connection:
        conninfo, kwargs = self._pool.conninfo, self._pool.kwargs
        conninfo = await _value(conninfo() if callable(conninfo) else conninfo)
        kwargs = await _value(kwargs() if callable(kwargs) else kwargs)
        parameters = _base.parameters_apart(conninfo, kwargs or {})
        connection: Connection = await self._pool.connection_class.connect(**parameters)
        return connection


async def _value(given: Any) -> Any:
    return await given if isawaitable(given) else given


class Conninfo:
    """A connection string: one connection per call, and one kept for a run."""

    usable = True

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo

    @asynccontextmanager
    async def connection(self, *, fresh: bool = False) -> AsyncIterator[Connection]:
        async with await psycopg.AsyncConnection.connect(self._conninfo, **OWN_CONNECTION) as connection:
            yield connection

    @asynccontextmanager
    async def for_run(self) -> AsyncIterator[Source]:
        kept = KeptConnection(self._conninfo)
        try:
            yield kept
        finally:
            await kept.close()

    async def connect(self) -> Connection:
        return await psycopg.AsyncConnection.connect(**_base.parameters_apart(self._conninfo, {}))


class KeptConnection:
    """The connection that a run on a connection string keeps; made anew when it is gone."""

    usable = True

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: Connection | None = None

    @asynccontextmanager
    async def connection(self, *, fresh: bool = False) -> AsyncIterator[Connection]:
        if fresh:
            await self.close()
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(self._conninfo, **OWN_CONNECTION)
        yield self._connection

    @asynccontextmanager
    async def for_run(self) -> AsyncIterator[Source]:
        yield self

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def connect(self) -> Connection:
        return await Conninfo(self._conninfo).connect()


def source_of(given: object) -> Source:
    """The source for a connection, a pool or a connection string."""
    if isinstance(given, str):
        return Conninfo(given)
    if isinstance(given, psycopg.AsyncConnection):
        return GivenConnection(given)
    pools = sys.modules.get("psycopg_pool")  # optional: whoever has a pool has imported it
    if pools is not None and isinstance(given, pools.AsyncConnectionPool):
        return Pooled(given)
    raise _base.no_source(
        given, "a psycopg.AsyncConnection, an AsyncConnectionPool of them, or a conninfo string"
    )
