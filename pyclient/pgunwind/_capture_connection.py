# Made from _async_capture_connection.py by make sync-client: change that file, not this one.

"""psycopg connections whose transactions are those of the run that they are used in."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeVar, cast

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import Row

from . import _commands
from ._capture import Capture, capturing
from ._connections import in_pipeline, in_transaction
from ._io import execute
from ._statements import kind_of, text_of

C = TypeVar("C", bound="psycopg.Cursor[Any]")


class CaptureConnection(psycopg.Connection[Row]):
    """A psycopg.Connection that captures, for ConnectionPool(connection_class=…) or by itself.

    In the block of a run(…, capture=True) each of its transactions enters the run before its first statement;
    elsewhere it is as any other. A statement in autocommit is a transaction of its own then, so what cannot
    be in one (VACUUM) fails. It is for one thread at a time, and cursors are made by its cursor().
    """

    _run: Capture | None = None
    """The run that the transaction is of: the one in whose block it began. None: not known to be of any."""
    _always: Capture | None = None
    """The run that all its transactions enter, wherever they begin."""

    @property
    def cursor_factory(self) -> type[psycopg.Cursor[Row]]:
        """The class of its cursors; whatever it is set to, they capture."""
        return self._cursor_factory

    @cursor_factory.setter
    def cursor_factory(self, factory: type[psycopg.Cursor[Row]]) -> None:
        self._cursor_factory = with_capture(factory)

    @property
    def server_cursor_factory(self) -> type[psycopg.ServerCursor[Row]]:
        """The class of its named cursors; whatever it is set to, they capture."""
        return self._server_cursor_factory

    @server_cursor_factory.setter
    def server_cursor_factory(self, factory: type[psycopg.ServerCursor[Row]]) -> None:
        self._server_cursor_factory = with_capture(factory)

    @contextmanager
    def transaction(
        self, savepoint_name: str | None = None, force_rollback: bool = False
    ) -> Iterator[psycopg.Transaction]:
        """Open a transaction or a savepoint, as psycopg does.

        The run is entered before a savepoint: whoever goes back to one from before has left the run.
        """
        if not in_transaction(self):
            self._run = None
        elif (capture := self._capturing()) is not None and self._has_to_enter():
            self._enter(capture)
        try:
            with super().transaction(savepoint_name, force_rollback) as transaction:
                yield transaction
        finally:
            self._forget_what_ended()

    def commit(self) -> None:
        """Commit, as psycopg does."""
        super().commit()
        self._run = None  # in a pipeline its status may not say so yet

    def rollback(self) -> None:
        """Roll back, as psycopg does."""
        super().rollback()
        self._run = None

    def tpc_begin(self, xid: psycopg.Xid | str) -> None:
        """Begin a two-phase transaction, as psycopg does."""
        self._run = None
        super().tpc_begin(xid)

    @contextmanager
    def _inside(self, query: Any) -> Iterator[None]:
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
        elif capture is None or kind == "setting" or not self._has_to_enter():
            yield
        elif self.autocommit and self.pgconn.transaction_status != TransactionStatus.INTRANS:
            with self.transaction():
                self._enter(capture)
                yield
        else:
            self._enter(capture)
            yield

    def _capturing(self) -> Capture | None:
        return self._always or capturing()

    def _has_to_enter(self) -> bool:
        if self._run is not None:
            return False
        if in_pipeline(self):
            with self.pipeline():
                pass  # hears the answers to what was sent: until then its status is not known
        return self.pgconn.transaction_status != TransactionStatus.INERROR

    def _enter(self, capture: Capture) -> None:
        execute(self, _commands.enter_run(capture.claim.run_id, capture.claim.worker))
        self._run = capture
        capture.entered(self, in_transaction)

    def _forget_what_ended(self) -> None:
        if not in_transaction(self):
            self._run = None


class CaptureCursor(psycopg.Cursor[Row]):
    """A cursor of a CaptureConnection."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """Execute a statement, as psycopg does."""
        with connection_of(self)._inside(query):
            return super().execute(query, params, **options)

    def executemany(self, query: Any, params_seq: Iterable[Any], **options: Any) -> None:
        """Execute a statement many times, as psycopg does."""
        with connection_of(self)._inside(query):
            super().executemany(query, params_seq, **options)

    def stream(self, query: Any, params: Any = None, **options: Any) -> Iterator[Row]:
        """Iterate over a result as it comes, as psycopg does."""
        result = cast("Generator[Row]", super().stream(query, params, **options))
        with connection_of(self)._inside(query), closing(result) as rows:
            yield from rows

    @contextmanager
    def copy(self, statement: Any, params: Any = None, **options: Any) -> Iterator[psycopg.Copy]:
        """Copy to or from a table, as psycopg does."""
        copying = super().copy(statement, params, **options)
        with connection_of(self)._inside(statement), copying as copy:
            yield copy


def connection_of(cursor: psycopg.Cursor[Any]) -> CaptureConnection[Any]:
    connection = cursor.connection
    assert isinstance(connection, CaptureConnection)
    return connection


_capturing_classes: dict[type[Any], type[Any]] = {}


def with_capture(factory: type[C]) -> type[C]:
    """Return the class of cursors, capturing; the same for the same."""
    if issubclass(factory, CaptureCursor):
        return factory
    if factory not in _capturing_classes:
        bases = (CaptureCursor, factory)
        _capturing_classes[factory] = type(f"Capture{factory.__name__}", bases, {})
    return _capturing_classes[factory]


def belongs(connection: psycopg.Connection[Any], capture: Capture) -> None:
    """Take note that the transaction of a connection is of this run."""
    if isinstance(connection, CaptureConnection):
        connection._run = capture
    if capture.is_on:
        capture.has_entered = True
