"""psycopg connections whose transactions are those of the run that they are used in."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from typing import Any, TypeVar, cast

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import Row

from . import _commands
from ._async_io import execute
from ._capture import Capture, capturing
from ._connections import in_pipeline, in_transaction
from ._statements import kind_of, text_of

C = TypeVar("C", bound="psycopg.AsyncCursor[Any]")


class AsyncCaptureConnection(psycopg.AsyncConnection[Row]):
    """A psycopg.AsyncConnection that captures, for AsyncConnectionPool(connection_class=…) or by itself.

    In the block of a run(…, capture=True) each of its transactions enters the run before its first statement;
    elsewhere it is as any other. A statement in autocommit is a transaction of its own then, so what cannot
    be in one (VACUUM) fails. It is for one task at a time, and cursors are made by its cursor().
    """

    _run: Capture | None = None
    """The run that the transaction is of: the one in whose block it began. None: not known to be of any."""
    _always: Capture | None = None
    """The run that all its transactions enter, wherever they begin."""

    @property
    def cursor_factory(self) -> type[psycopg.AsyncCursor[Row]]:
        """The class of its cursors; whatever it is set to, they capture."""
        return self._cursor_factory

    @cursor_factory.setter
    def cursor_factory(self, factory: type[psycopg.AsyncCursor[Row]]) -> None:
        self._cursor_factory = with_capture(factory)

    @property
    def server_cursor_factory(self) -> type[psycopg.AsyncServerCursor[Row]]:
        """The class of its named cursors; whatever it is set to, they capture."""
        return self._server_cursor_factory

    @server_cursor_factory.setter
    def server_cursor_factory(self, factory: type[psycopg.AsyncServerCursor[Row]]) -> None:
        self._server_cursor_factory = with_capture(factory)

    @asynccontextmanager
    async def transaction(
        self, savepoint_name: str | None = None, force_rollback: bool = False
    ) -> AsyncIterator[psycopg.AsyncTransaction]:
        """Open a transaction or a savepoint, as psycopg does.

        The run is entered before a savepoint: whoever goes back to one from before has left the run.
        """
        if not in_transaction(self):
            self._run = None
        elif (capture := self._capturing()) is not None and await self._has_to_enter():
            await self._enter(capture)
        try:
            async with super().transaction(savepoint_name, force_rollback) as transaction:
                yield transaction
        finally:
            self._forget_what_ended()

    async def commit(self) -> None:
        """Commit, as psycopg does."""
        await super().commit()
        self._run = None  # in a pipeline its status may not say so yet

    async def rollback(self) -> None:
        """Roll back, as psycopg does."""
        await super().rollback()
        self._run = None

    async def tpc_begin(self, xid: psycopg.Xid | str) -> None:
        """Begin a two-phase transaction, as psycopg does."""
        self._run = None
        await super().tpc_begin(xid)

    @asynccontextmanager
    async def _inside(self, query: Any) -> AsyncIterator[None]:
        """Around a statement: its transaction enters the run first."""
        self._forget_what_ended()
        capture = self._capturing()
        if capture is None and self._run is None:
            yield
            return
        kind = kind_of(text_of(query, self))
        if kind == "control":
            try:
                yield
            finally:
                self._run = None
        elif capture is None or kind == "setting" or not await self._has_to_enter():
            yield
        elif self.autocommit and self.pgconn.transaction_status != TransactionStatus.INTRANS:
            async with self.transaction():
                await self._enter(capture)
                yield
        else:
            await self._enter(capture)
            yield

    def _capturing(self) -> Capture | None:
        return self._always or capturing()

    async def _has_to_enter(self) -> bool:
        if self._run is not None:
            return False
        if in_pipeline(self):
            async with self.pipeline():
                pass  # hears the answers to what was sent: until then its status is not known
        return self.pgconn.transaction_status != TransactionStatus.INERROR

    async def _enter(self, capture: Capture) -> None:
        await execute(self, _commands.enter_run(capture.claim.run_id, capture.claim.worker))
        self._run = capture
        capture.entered(self, in_transaction)

    def _forget_what_ended(self) -> None:
        if not in_transaction(self):
            self._run = None


class AsyncCaptureCursor(psycopg.AsyncCursor[Row]):
    """A cursor of an AsyncCaptureConnection."""

    async def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """Execute a statement, as psycopg does."""
        async with connection_of(self)._inside(query):
            return await super().execute(query, params, **options)

    async def executemany(self, query: Any, params_seq: Iterable[Any], **options: Any) -> None:
        """Execute a statement many times, as psycopg does."""
        async with connection_of(self)._inside(query):
            await super().executemany(query, params_seq, **options)

    async def stream(self, query: Any, params: Any = None, **options: Any) -> AsyncIterator[Row]:
        """Iterate over a result as it comes, as psycopg does."""
        result = cast("AsyncGenerator[Row]", super().stream(query, params, **options))
        async with connection_of(self)._inside(query), aclosing(result) as rows:
            async for row in rows:
                yield row

    @asynccontextmanager
    async def copy(
        self, statement: Any, params: Any = None, **options: Any
    ) -> AsyncIterator[psycopg.AsyncCopy]:
        """Copy to or from a table, as psycopg does."""
        copying = super().copy(statement, params, **options)
        async with connection_of(self)._inside(statement), copying as copy:
            yield copy


def connection_of(cursor: psycopg.AsyncCursor[Any]) -> AsyncCaptureConnection[Any]:
    connection = cursor.connection
    assert isinstance(connection, AsyncCaptureConnection)
    return connection


_capturing_classes: dict[type[Any], type[Any]] = {}


def with_capture(factory: type[C]) -> type[C]:
    """Return the class of cursors, capturing; the same for the same."""
    if issubclass(factory, AsyncCaptureCursor):
        return factory
    if factory not in _capturing_classes:
        bases = (AsyncCaptureCursor, factory)
        _capturing_classes[factory] = type(f"Capture{factory.__name__}", bases, {})
    return _capturing_classes[factory]


def belongs(connection: psycopg.AsyncConnection[Any], capture: Capture) -> None:
    """Take note that the transaction of a connection is of this run."""
    if isinstance(connection, AsyncCaptureConnection):
        connection._run = capture
    if capture.is_on:
        capture.has_entered = True
