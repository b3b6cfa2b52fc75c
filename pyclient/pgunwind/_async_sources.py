"""Where the asynchronous client's connections come from."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

import psycopg

from ._concurrency import async_value_of
from ._connections import (
    OWN_CONNECTION,
    conninfo_of,
    instead_of,
    parameters_apart,
    reconnect_parameters,
)

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

Connection = psycopg.AsyncConnection[Any]


class KeptConnection:
    """A connection that is kept: made when it is first wanted, and anew when it is gone."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]]) -> None:
        self._connect = connect
        self._connection: Connection | None = None

    @property
    def is_open(self) -> bool:
        return self._connection is not None and not self._connection.closed

    async def get(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = await self._connect()
        return self._connection

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()


class Source(Protocol):
    """Where connections come from."""

    @property
    def given(self) -> Connection | None:
        """The only one there is, as the user gave it."""
        ...

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
        self.given = connection
        self._itself = nullcontext(connection)
        self._parameters = reconnect_parameters(connection)

    @property
    def usable(self) -> bool:
        return not self.given.closed

    def connection(self, *, fresh: bool = False) -> AbstractAsyncContextManager[Connection]:
        return self._fresh() if fresh else self._itself

    @asynccontextmanager
    async def _fresh(self) -> AsyncIterator[Connection]:
        async with await psycopg.AsyncConnection.connect(**self._parameters, **OWN_CONNECTION) as new:
            yield new

    def for_run(self) -> AbstractAsyncContextManager[Source]:
        return nullcontext(self)

    async def connect(self) -> Connection:
        return await psycopg.AsyncConnection.connect(**parameters_apart("", self._parameters))


class Pooled:
    """A psycopg_pool.AsyncConnectionPool. It drops its dead connections before a fresh one is taken."""

    usable = True
    given = None

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool

    def connection(self, *, fresh: bool = False) -> AbstractAsyncContextManager[Connection]:
        return self._checked() if fresh else self._pool.connection()

    @asynccontextmanager
    async def _checked(self) -> AsyncIterator[Connection]:
        await self._pool.check()
        async with self._pool.connection() as connection:
            yield connection

    def for_run(self) -> AbstractAsyncContextManager[Source]:
        return nullcontext(self)

    async def connect(self) -> Connection:
        conninfo = await async_value_of(self._pool.conninfo)
        kwargs = await async_value_of(self._pool.kwargs)
        parameters = parameters_apart(conninfo, kwargs or {})
        connection: Connection = await self._pool.connection_class.connect(**parameters)
        return connection


class Conninfo:
    """A connection string: one connection per call, and one kept for a run."""

    usable = True
    given = None

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo

    @asynccontextmanager
    async def connection(self, *, fresh: bool = False) -> AsyncIterator[Connection]:
        async with await self._connect() as connection:
            yield connection

    @asynccontextmanager
    async def for_run(self) -> AsyncIterator[Source]:
        kept = KeptConnection(self._connect)
        try:
            yield ConninfoOfRun(self._conninfo, kept)
        finally:
            await kept.close()

    async def connect(self) -> Connection:
        return await psycopg.AsyncConnection.connect(**parameters_apart(self._conninfo, {}))

    async def _connect(self) -> Connection:
        return await psycopg.AsyncConnection.connect(self._conninfo, **OWN_CONNECTION)


class ConninfoOfRun(Conninfo):
    """A connection string as one run uses it: on the one connection that it keeps."""

    def __init__(self, conninfo: str, kept: KeptConnection) -> None:
        super().__init__(conninfo)
        self._kept = kept

    @asynccontextmanager
    async def connection(self, *, fresh: bool = False) -> AsyncIterator[Connection]:
        if fresh:
            await self._kept.close()
        yield await self._kept.get()


def source_of(given: object) -> Source:
    """The source for a connection, a pool or a connection string."""
    if isinstance(given, str):
        return Conninfo(conninfo_of(given))
    if isinstance(given, psycopg.AsyncConnection):
        return GivenConnection(given)
    pools = sys.modules.get("psycopg_pool")  # optional: whoever has a pool has imported it
    if pools is not None and isinstance(given, pools.AsyncConnectionPool):
        return Pooled(given)
    raise TypeError(
        f"cannot get connections from a {type(given).__name__}: give a psycopg.AsyncConnection, "
        f"an AsyncConnectionPool of them, or a conninfo string{instead_of(given)}"
    )


def require_own_kind(connection: object) -> None:
    """Refuse connections of other drivers, and of the other client."""
    if not isinstance(connection, psycopg.AsyncConnection):
        kind = type(connection).__name__
        raise TypeError(f"connection= is a psycopg.AsyncConnection, not a {kind}{instead_of(connection)}")
