"""How a command is carried out on a connection, with await."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import psycopg
from psycopg.rows import tuple_row

from . import _commands
from ._commands import Command
from ._connections import begins_plainly, in_transaction
from ._schema_version import assert_schema_version, schema_missing
from .errors import translate

Connection = psycopg.AsyncConnection[Any]
T = TypeVar("T")


async def execute(connection: Connection, command: Command[T]) -> T:
    """Call one function in whatever transaction the connection is in.

    With a cursor of our own, so that the connection's row and cursor factories do not matter; never as a
    prepared statement, so that it works through any pooler.
    """
    if command.literal:
        return await execute_message(connection, command)
    with translate():
        async with psycopg.AsyncCursor(connection, row_factory=tuple_row) as cursor:
            await cursor.execute(command.sql, command.parameters, prepare=False)
            return command.read(await cursor.fetchall() if cursor.description else [])


async def execute_message(connection: Connection, command: Command[T]) -> T:
    """Carry out a command with literals, as AsyncClientCursor can send it: several statements in one message.

    In autocommit that is one transaction, so that what the first ones set holds for the last.
    """
    with translate():
        async with psycopg.AsyncClientCursor(connection, row_factory=tuple_row) as cursor:
            await cursor.execute(command.sql, command.parameters)
            while cursor.nextset():
                pass
            return command.read(await cursor.fetchall() if cursor.description else [])


async def call_alone(connection: Connection, command: Command[T], worker: str | None = None) -> T:
    """Call one function in a transaction of its own, speaking as the worker if one is given."""
    alone = _commands.alone(_commands.spoken(command, worker))
    if command.commits or connection.autocommit or begins_plainly(connection):
        async with in_autocommit(connection):
            return await execute(connection, alone)  # a message by itself: one round trip
    with translate():
        async with connection.transaction():
            return await execute(connection, alone)


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
        if in_transaction(connection):  # its end was interrupted
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
        missing = schema_missing(error)
        if missing is None:
            raise
        raise missing from error
    assert_schema_version(version)
