# Made from _async_io.py by make sync-client: change that file, not this one.

"""How a command is carried out on a connection, with await."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from psycopg.rows import tuple_row

from . import _commands
from ._commands import Command
from ._connections import begins_plainly, in_transaction
from ._schema_version import assert_schema_version, schema_missing
from .errors import translate

Connection = psycopg.Connection[Any]
T = TypeVar("T")


def execute(connection: Connection, command: Command[T]) -> T:
    """Call one function in whatever transaction the connection is in.

    With a cursor of our own, so that the connection's row and cursor factories do not matter; never as a
    prepared statement, so that it works through any pooler.
    """
    if command.literal:
        return execute_message(connection, command)
    with translate(), psycopg.Cursor(connection, row_factory=tuple_row) as cursor:
        cursor.execute(command.sql, command.parameters, prepare=False)
        return command.read(cursor.fetchall() if cursor.description else [])


def execute_message(connection: Connection, command: Command[T]) -> T:
    """Carry out a command with literals, as ClientCursor can send it: several statements in one message.

    In autocommit that is one transaction, so that what the first ones set holds for the last.
    """
    with translate(), psycopg.ClientCursor(connection, row_factory=tuple_row) as cursor:
        cursor.execute(command.sql, command.parameters)
        while cursor.nextset():
            pass
        return command.read(cursor.fetchall() if cursor.description else [])


def call_alone(connection: Connection, command: Command[T], worker: str | None = None) -> T:
    """Call one function in a transaction of its own, speaking as the worker if one is given."""
    alone = _commands.alone(_commands.spoken(command, worker))
    if command.commits or connection.autocommit or begins_plainly(connection):
        with in_autocommit(connection):
            return execute(connection, alone)  # a message by itself: one round trip
    with translate(), connection.transaction():
        return execute(connection, alone)


@contextmanager
def in_autocommit(connection: Connection) -> Iterator[None]:
    """Switch autocommit on for what begins or commits by itself, and back."""
    if connection.autocommit:
        yield
        return
    connection.set_autocommit(True)
    try:
        yield
    finally:
        if in_transaction(connection):  # its end was interrupted
            connection.rollback()
        if not connection.closed:
            connection.set_autocommit(False)


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
        missing = schema_missing(error)
        if missing is None:
            raise
        raise missing from error
    assert_schema_version(version)
