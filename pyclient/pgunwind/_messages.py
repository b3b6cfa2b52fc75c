# Made from _async_messages.py by make sync-client: change that file, not this one.

"""Several statements in one message: a step's BEGIN with its record, its COMMIT with the run's completion.

psycopg sends each statement by itself, or all in pipeline mode, which costs more than it saves here. So this
module, and no other, uses parts of psycopg that it does not document: connection.wait, generators, as_literal
and the count by which it refuses commit() within connection.transaction(). Where they are not what they were,
and in a pipeline of the caller's, the same is done by what is documented, in a few messages more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

import psycopg
from psycopg import generators
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from ._commands import COMMIT, Command, begin
from ._connections import in_pipeline, in_transaction, require_committable
from ._io import execute
from ._start import Start
from .errors import DuplicateRun

Connection = psycopg.Connection[Any]
Commands = Sequence[Command[Any]]
Closing = list[Command[Any]]


def transaction(connection: Connection, start: Start, opening: Commands) -> AbstractContextManager[Closing]:
    """A transaction that begins with these commands, and ends with those that its block adds to a list.

    Before it the run is started, if nothing has needed it so far.
    """
    way = in_messages if can_send_messages(connection) else one_by_one
    return way(connection, start, opening)


def can_send_messages(connection: Connection) -> bool:
    """Whether psycopg has what it takes; in pipeline mode a message is one statement."""
    parts = ((connection, "_num_transactions"), (generators, "execute"), (Transformer, "as_literal"))
    return not in_pipeline(connection) and all(hasattr(owner, part) for owner, part in parts)


@contextmanager
def one_by_one(connection: Connection, start: Start, opening: Commands) -> Iterator[Closing]:
    """Each command is a message of its own."""
    closing: Closing = []
    start.apart()
    with connection.transaction():
        for command in opening:
            execute(connection, command)
        yield closing
        require_committable(connection)
        for command in closing:
            execute(connection, command)


@contextmanager
def in_messages(connection: Connection, start: Start, opening: Commands) -> Iterator[Closing]:
    """One message opens the transaction, and one ends it."""
    closing: Closing = []
    try:
        open_message(connection, start, [beginning(connection), *opening])
        connection._num_transactions += 1  # commit(), rollback() and the like are refused within
        try:
            yield closing
        finally:
            connection._num_transactions -= 1
        require_committable(connection)
        if closing:
            exchange(connection, [*closing, COMMIT])
        else:
            connection.commit()
    except BaseException as error:
        if in_transaction(connection):
            with suppress(psycopg.Error):
                connection.rollback()
        if not (isinstance(error, psycopg.Rollback) and error.transaction is None):
            raise


def beginning(connection: Connection) -> Command[None]:
    return begin(connection.isolation_level, connection.read_only, connection.deferrable)


def call_in_message(connection: Connection, commands: Commands) -> bool:
    """Carry out commands, whose answers are not wanted, in a transaction of their own; False if it cannot."""
    if not can_send_messages(connection):
        return False
    try:
        exchange(connection, [beginning(connection), *commands, COMMIT])
    except psycopg.Error:
        connection.rollback()
        raise
    return True


def read_answers(connection: Connection) -> None:
    """Wait for the answers to a message, for which nobody waits any more, and leave no transaction open."""
    connection.wait(generators.execute(connection.pgconn))
    connection.rollback()


def open_message(connection: Connection, start: Start, opening: Commands) -> None:
    """Send what opens the transaction; unless the run is started, behind what does that."""
    if start.command is not None:
        with start.lock:
            if start.command is not None and ride(connection, start, start.command, opening):
                return
    exchange(connection, opening)


def ride(connection: Connection, start: Start, command: Command[str], opening: Commands) -> bool:
    """Start the run, which is a transaction by itself, and open the other, in one message.

    False: the run was started otherwise meanwhile, and nothing is opened.
    """
    asked = start.begins()
    starting: Commands = [beginning(connection), command, COMMIT]
    answers = answers_to(connection, [*starting, *opening])
    error = error_in(connection, answers)
    started_otherwise = error is not None and error.sqlstate == DuplicateRun.sqlstate
    if len(answers) > len(starting) or started_otherwise:
        start.is_done(asked)
    if started_otherwise:
        connection.rollback()
        return False
    if error is not None:
        raise error
    return True


def exchange(connection: Connection, commands: Commands) -> None:
    """Send them as one message, and raise the error if one of them fails."""
    error = error_in(connection, answers_to(connection, commands))
    if error is not None:
        raise error


def answers_to(connection: Connection, commands: Commands) -> list[PGresult]:
    """Send them as one message, and wait for the answers: after an error there are no more.

    Their parameters go as literals, quoted by psycopg, which refuses what cannot be.
    """
    encoding = connection.info.encoding
    literal = Transformer(connection).as_literal
    statements = []
    for command in commands:
        literals = {
            name: bytes(literal(value)).decode(encoding) for name, value in command.parameters.items()
        }
        statements.append(command.sql % literals)
    with connection.lock:
        connection.pgconn.send_query(";".join(statements).encode(encoding))
        return connection.wait(generators.execute(connection.pgconn))


def error_in(connection: Connection, answers: list[PGresult]) -> psycopg.Error | None:
    """The error that the last answer is, if it is one."""
    if answers[-1].status != ExecStatus.FATAL_ERROR:
        return None
    return psycopg.errors.error_from_result(answers[-1], encoding=connection.info.encoding)
