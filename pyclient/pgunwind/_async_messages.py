"""Several statements in one message: a step's BEGIN with its record, its COMMIT with the run's completion.

psycopg sends each statement by itself, or all in pipeline mode, which costs more than it saves here. So this
module, and no other, uses parts of psycopg that it does not document: connection.wait, generators, as_literal
and the count by which it refuses commit() within connection.transaction(). Where they are not what they were,
and in a pipeline of the caller's, the same is done by what is documented, in a few messages more.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import cache
from typing import Any, Final

import psycopg
from psycopg import generators
from psycopg.adapt import Transformer
from psycopg.pq import Escaping, ExecStatus
from psycopg.pq.abc import PGresult

from ._async_io import execute
from ._async_start import Start
from ._commands import COMMIT, Command, begin
from ._connections import in_pipeline, in_transaction, require_committable
from .errors import DuplicateRun

Connection = psycopg.AsyncConnection[Any]
Commands = Sequence[Command[Any]]
Closing = list[Command[Any]]


def transaction(
    connection: Connection, start: Start, opening: Commands
) -> AbstractAsyncContextManager[Closing]:
    """A transaction that begins with these commands, and ends with those that its block adds to a list.

    Before it the run is started, if nothing has needed it so far.
    """
    if can_send_messages(connection):
        return InMessages(connection, start, opening)
    return one_by_one(connection, start, opening)


PARTS_ARE_THERE: Final = hasattr(generators, "execute") and hasattr(Transformer, "as_literal")


def can_send_messages(connection: Connection) -> bool:
    """Whether psycopg has what it takes; in pipeline mode a message is one statement."""
    return PARTS_ARE_THERE and hasattr(connection, "_num_transactions") and not in_pipeline(connection)


@asynccontextmanager
async def one_by_one(connection: Connection, start: Start, opening: Commands) -> AsyncIterator[Closing]:
    """Each command is a message of its own."""
    closing: Closing = []
    await start.apart()
    async with connection.transaction():
        for command in opening:
            await execute(connection, command)
        yield closing
        require_committable(connection)
        for command in closing:
            await execute(connection, command)


class InMessages:
    """One message opens the transaction, and one ends it. Written by hand: every step passes through it."""

    __slots__ = ("_closing", "_connection", "_opening", "_start")

    def __init__(self, connection: Connection, start: Start, opening: Commands) -> None:
        self._connection = connection
        self._start = start
        self._opening = opening
        self._closing: Closing = []

    async def __aenter__(self) -> Closing:
        try:
            await open_message(self._connection, self._start, self._opening)
        except BaseException:
            await take_back(self._connection)
            raise
        self._connection._num_transactions += 1  # commit(), rollback() and the like are refused within
        return self._closing

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        self._connection._num_transactions -= 1
        if error is not None:
            await take_back(self._connection)
            return isinstance(error, psycopg.Rollback) and error.transaction is None
        try:
            await self._commit()
        except BaseException:
            await take_back(self._connection)
            raise
        return False

    async def _commit(self) -> None:
        require_committable(self._connection)
        if in_pipeline(self._connection):
            await self._connection.commit()
        elif self._closing:
            await exchange(self._connection, message_of(self._connection, [*self._closing, COMMIT]))
        else:
            await exchange(self._connection, COMMIT_MESSAGE)


async def take_back(connection: Connection) -> None:
    """Leave no transaction open."""
    if in_transaction(connection):
        with suppress(psycopg.Error):
            await connection.rollback()


def beginning(connection: Connection) -> Command[None]:
    return begin(connection.isolation_level, connection.read_only, connection.deferrable)


async def call_in_message(connection: Connection, commands: Commands) -> bool:
    """Carry out commands, whose answers are not wanted, in a transaction of their own; False if it cannot."""
    if not can_send_messages(connection):
        return False
    try:
        await exchange(connection, message_of(connection, [beginning(connection), *commands, COMMIT]))
    except psycopg.Error:
        await connection.rollback()
        raise
    return True


async def read_answers(connection: Connection) -> None:
    """Wait for the answers to a message, for which nobody waits any more, and leave no transaction open."""
    await connection.wait(generators.execute(connection.pgconn))
    await connection.rollback()


async def open_message(connection: Connection, start: Start, opening: Commands) -> None:
    """Send what opens the transaction; unless the run is started, behind what does that."""
    opening = [beginning(connection), *opening]
    if start.command is not None:
        async with start.lock:
            if start.command is not None and await ride(connection, start, start.command, opening):
                return
    await exchange(connection, message_of(connection, opening))


async def ride(connection: Connection, start: Start, command: Command[str], opening: Commands) -> bool:
    """Start the run, which is a transaction by itself, and open the other, in one message.

    False: the run was started otherwise meanwhile, and nothing is opened.
    """
    asked = start.begins()
    starting: Commands = [opening[0], command, COMMIT]
    answers = await answers_to(connection, message_of(connection, [*starting, *opening]))
    error = error_in(connection, answers)
    started_otherwise = error is not None and error.sqlstate == DuplicateRun.sqlstate
    if len(answers) > len(starting) or started_otherwise:
        start.is_done(asked)
    if started_otherwise:
        await connection.rollback()
        return False
    if error is not None:
        raise error
    return True


async def exchange(connection: Connection, message: bytes) -> None:
    """Send it, and raise the error if one of its statements fails."""
    error = error_in(connection, await answers_to(connection, message))
    if error is not None:
        raise error


async def answers_to(connection: Connection, message: bytes) -> list[PGresult]:
    """Send it, and wait for the answers, one for each statement: after an error there are no more."""
    async with connection.lock:
        connection.pgconn.send_query(message)
        return await connection.wait(generators.execute(connection.pgconn))


def message_of(connection: Connection, commands: Commands) -> bytes:
    """The commands as one text, with their parameters as literals."""
    encoding = connection.info.encoding
    escape = Escaping(connection.pgconn).escape_literal
    statements: list[bytes] = []
    for command in commands:
        text, names = template(command.sql)
        if names:
            values = [command.parameters[name] for name in names]
            text %= tuple(
                [
                    escape(value.encode(encoding))
                    if type(value) is str and "\x00" not in value
                    else literal(connection, value)
                    for value in values
                ]
            )
        statements += (text,)
    return b";".join(statements)


def literal(connection: Connection, value: object) -> bytes:
    """What psycopg makes of a value that is no text; text with a NUL it refuses."""
    return b"NULL" if value is None else bytes(Transformer(connection).as_literal(value))


@cache
def template(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement with a place for each literal, and the names of their parameters in that order.

    A literal is of the type of its argument, for no function has a namesake: so casts of arguments are left
    out, which take the server a tenth of the time of a record to read.
    """
    uncast = CAST_ARGUMENT.sub(r"=> \1", sql)
    return PARAMETER.sub("%s", uncast).encode(), tuple(PARAMETER.findall(uncast))


COMMIT_MESSAGE: Final = COMMIT.sql.encode()
PARAMETER: Final = re.compile(r"%\((\w+)\)s")
CAST_ARGUMENT: Final = re.compile(r"=> (%\(\w+\)s)::pg_catalog\.\w+(?:\[\])?")


def error_in(connection: Connection, answers: list[PGresult]) -> psycopg.Error | None:
    """The error that the last answer is, if it is one."""
    if answers[-1].status != ExecStatus.FATAL_ERROR:
        return None
    return psycopg.errors.error_from_result(answers[-1], encoding=connection.info.encoding)
