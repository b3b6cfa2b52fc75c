# Made from _async_messages.py by make sync-client: change that file, not this one.

"""Several statements in one message: a step's BEGIN with its record, its COMMIT with the run's completion.

psycopg sends each statement by itself, or all in pipeline mode, which costs more than it saves here. So this
module, and no other, uses parts of psycopg that it does not document: connection.wait, generators,
as_literal, its own BEGIN, and the count by which it refuses commit() within connection.transaction(). Where
they are not what they were, and in a pipeline of the caller's, the same is done by what is documented, in a
few messages more.

Every step passes through here. On a core that client and server share, code that is not at hand costs more
than what it does: so a step takes few calls.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from typing import Any, Final

import psycopg
from psycopg import generators
from psycopg.adapt import Transformer
from psycopg.pq import Escaping, ExecStatus
from psycopg.pq.abc import PGresult

from ._commands import Script
from ._connections import in_pipeline, in_transaction, require_committable
from ._io import execute
from ._start import Start
from .errors import DuplicateRun

Connection = psycopg.Connection[Any]

PARTS_ARE_THERE: Final = (
    hasattr(generators, "execute")
    and hasattr(Transformer, "as_literal")
    and hasattr(psycopg.Connection, "_get_tx_start_command")
)


def can_send_messages(connection: Connection) -> bool:
    """Whether psycopg has what it takes; in pipeline mode a message is one statement."""
    return PARTS_ARE_THERE and hasattr(connection, "_num_transactions") and not in_pipeline(connection)


def open_message(connection: Connection, start: Start, opening: Script) -> int:
    """Open a transaction that begins with these statements; before it the run, if nothing has needed it.

    Within it commit(), rollback() and the like are refused. Returns how many it is in, by psycopg's count.
    """
    outer = connection._num_transactions
    begin = connection._get_tx_start_command()
    message = b"%b;%b" % (begin, message_of(connection, opening))
    try:
        if start.command is None or not ride(connection, start, begin, message):
            exchange(connection, message)
        connection._num_transactions = outer + 1
    except BaseException:
        take_back(connection, outer)
        raise
    return outer


def ride(connection: Connection, start: Start, begin: bytes, opening: bytes) -> bool:
    """Start the run, which is a transaction by itself, and open the other, in one message.

    False: the run was started otherwise meanwhile, and nothing is opened.
    """
    with start.lock:
        if start.command is None:
            return False
        asked = start.begins()
        starting = message_of(connection, Script((start.command.sql,), start.command.parameters))
        answers = answers_to(connection, b";".join((begin, starting, COMMIT, opening)))
        error = error_in(connection, answers)
        started_otherwise = error is not None and error.sqlstate == DuplicateRun.sqlstate
        if len(answers) > len((begin, starting, COMMIT)) or started_otherwise:
            start.is_done(asked)
    if started_otherwise:
        connection.rollback()
        return False
    if error is not None:
        raise error
    return True


def commit_message(connection: Connection, outer: int, closing: Script | None) -> None:
    """End the transaction, with these statements if there are any."""
    connection._num_transactions = outer
    require_committable(connection)
    if in_pipeline(connection):
        connection.commit()
        return
    message = COMMIT if closing is None else b"%b;%b" % (message_of(connection, closing), COMMIT)
    exchange(connection, message)


def take_back(connection: Connection, outer: int) -> None:
    """Leave the transaction open no longer."""
    connection._num_transactions = outer
    if in_transaction(connection):
        with suppress(psycopg.Error):
            connection.rollback()


def call_in_message(connection: Connection, script: Script) -> bool:
    """Carry out statements in a transaction of their own; False if they cannot be sent in one message."""
    if not can_send_messages(connection):
        return False
    begin = connection._get_tx_start_command()
    try:
        exchange(connection, b";".join((begin, message_of(connection, script), COMMIT)))
    except psycopg.Error:
        connection.rollback()
        raise
    return True


def read_answers(connection: Connection) -> None:
    """Wait for the answers to a message, for which nobody waits any more, and leave no transaction open."""
    connection.wait(generators.execute(connection.pgconn))
    connection.rollback()


def exchange(connection: Connection, message: bytes) -> None:
    """Send it, and raise the error if one of its statements fails."""
    error = error_in(connection, answers_to(connection, message))
    if error is not None:
        raise error


def answers_to(connection: Connection, message: bytes) -> list[PGresult]:
    """Send it, and wait for the answers, one for each statement: after an error there are no more."""
    with connection.lock:
        connection.pgconn.send_query(message)
        return connection.wait(generators.execute(connection.pgconn))


def error_in(connection: Connection, answers: list[PGresult]) -> psycopg.Error | None:
    """The error that the last answer is, if it is one."""
    if answers[-1].status != ExecStatus.FATAL_ERROR:
        return None
    return psycopg.errors.error_from_result(answers[-1], encoding=connection.info.encoding)


def message_of(connection: Connection, script: Script) -> bytes:
    """The statements as one text, with their parameters as literals."""
    text, names = template(script.statements)
    values = script.parameters
    return text % tuple(
        [
            b"'%b'" % value.encode()
            if type(value := values[name]) is str and is_plain(value)
            else literal(connection, value)
            for name in names
        ]
    )


is_plain: Final = re.compile(r"[ -&(-\[\]-~]*").fullmatch
"""Whether text is quoted alike in every encoding and with every setting: ASCII, without ' and backslash."""


def literal(connection: Connection, value: object) -> bytes:
    """A value as a literal; what is no text, and text with a NUL, which it refuses, as psycopg makes it."""
    if isinstance(value, str) and "\x00" not in value:
        return Escaping(connection.pgconn).escape_literal(value.encode(connection.info.encoding))
    if value is None:
        return b"NULL"
    if isinstance(value, bool):
        return b"true" if value else b"false"
    return bytes(Transformer(connection).as_literal(value))


@cache
def template(statements: tuple[str, ...]) -> tuple[bytes, tuple[str, ...]]:
    """The message with a place for each literal, and the names of their parameters in that order.

    Arguments stand in the order of the signature, and no function has a namesake: so names and casts are left
    out, which take the server a tenth of the time of a record to read.
    """
    text = ARGUMENT.sub(r"\1", ";".join(statements))
    return PARAMETER.sub("%b", text).encode(), tuple(PARAMETER.findall(text))


COMMIT: Final = b"commit"
PARAMETER: Final = re.compile(r"%\((\w+)\)s")
ARGUMENT: Final = re.compile(r"\w+ => (%\(\w+\)s)::pg_catalog\.\w+(?:\[\])?")


class OneByOne:
    """A transaction where each statement is a message of its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._transaction = connection.transaction()
        self._is_open = False

    def begin(self, start: Start, opening: Script) -> None:
        start.apart()
        self._transaction.__enter__()
        self._is_open = True
        try:
            for command in opening.commands():
                execute(self._connection, command)
        except BaseException as error:
            self.take_back(error)
            raise

    def commit(self, closing: Script | None) -> None:
        require_committable(self._connection)
        for command in closing.commands() if closing else ():
            execute(self._connection, command)
        self._is_open = False
        self._transaction.__exit__(None, None, None)

    def take_back(self, error: BaseException) -> None:
        if self._is_open:
            self._is_open = False
            self._transaction.__exit__(type(error), error, error.__traceback__)
