"""How a command ends that does not end well: one line, a hint, an exit code. Never a password."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from enum import IntEnum
from typing import IO, Any

import click
import psycopg

from pgunwind import errors
from pgunwind._visible import visible

ELSEWHERE = (
    "Which database: --dsn, PGUNWIND_DSN, DATABASE_URL, or what psql reads (PGHOST, PGDATABASE, PGSERVICE)."
)


class Exit(IntEnum):
    """The exit codes, which docs/command-line.md explains."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NO_DATABASE = 3
    PARTLY = 4
    BUG = 70
    INTERRUPTED = 130


class Failure(click.ClickException):
    """What is told in place of a traceback."""

    def __init__(
        self, message: str, hint: str | None = None, code: int = Exit.REFUSED, detail: str | None = None
    ) -> None:
        super().__init__(message)
        self.hint = hint
        self.detail = detail
        self.exit_code = code  # type: ignore[misc]  # a constant of the class, as click declares it

    def show(self, file: IO[Any] | None = None) -> None:
        """Write it to stderr, below a ^C or an answer that was not given."""
        if self.exit_code == Exit.INTERRUPTED and sys.stderr.isatty():
            click.echo(err=True)
        for title, text in (("Error", self.message), ("Detail", self.detail), ("Hint", self.hint)):
            for number, line in enumerate((text or "").splitlines()):
                click.echo(
                    f"{title}: {_plain(line)}" if number == 0 else f"  {_plain(line)}", err=True, file=file
                )


def failure_of(error: BaseException) -> Failure:
    """The error of a database, of the client or of ours, as it is told."""
    if isinstance(error, errors.UnwindError):
        return _of_engine(error)
    if isinstance(error, psycopg.Error):
        return _of_server(error) if error.sqlstate or not _is_address(error) else _of_address(error)
    return Failure(
        f"{type(error).__name__}: {error}", "This is a fault of pgunwind's; --debug shows where.", Exit.BUG
    )


_HINTS: dict[type[errors.UnwindError], str] = {
    errors.RunNotFound: "pgunwind runs lists the newest; --business-key and --workflow find others.",
    errors.RunCompleted: "If that is meant, add --force.",
    errors.RunClaimed: "Leave it to that worker, or, if it is gone, add --force.",
    errors.TooManyRows: "Look first (pgunwind preview); then say --max-rows, or --batches for a big one.",
    errors.SchemaTooOld: "pgunwind install",
}
"""Where a command says more than the hint of the engine, which is written for psql."""


def _of_engine(error: errors.UnwindError) -> Failure:
    code = Exit.NO_DATABASE if isinstance(error, errors.SchemaTooOld) else Exit.REFUSED
    state = f" [{error.sqlstate}]" if error.sqlstate else ""
    detail = None if code == Exit.NO_DATABASE else error.detail
    return Failure(f"{error.message}{state}", _HINTS.get(type(error), error.hint), code, detail)


def _of_server(error: psycopg.Error) -> Failure:
    told, state = error.diag, error.sqlstate
    message = told.message_primary or str(error).strip().partition("\n")[0] or type(error).__name__
    if state is None or state[:2] == "08" or state in ("57P01", "57P02", "57P03"):
        return Failure(message, ELSEWHERE, Exit.NO_DATABASE)
    if state in ("22007", "22008"):
        return Failure(
            message, "A time as PostgreSQL reads it, such as yesterday, or an age: 2h.", Exit.USAGE
        )
    hint = _SERVER_HINTS.get(state, lambda: told.message_hint)()
    return Failure(f"{message} [{state}]", hint, Exit.REFUSED, told.message_detail)


_SERVER_HINTS: dict[str, Callable[[], str | None]] = {
    "42501": lambda: (
        "The owner of the engine lets a role in: pgunwind grant ROLE --as viewer|operator|application; "
        "pgunwind check WORKFLOW says what it lacks on your tables."
    ),
    "55P03": lambda: "Somebody holds the run or its rows; pgunwind show RUN says who. Nothing is changed.",
    "57014": lambda: "A statement_timeout, or somebody who cancelled it. Nothing is changed.",
    "25006": lambda: "This server or session only reads; what changes something is for the primary.",
}


def _is_address(error: psycopg.Error) -> bool:
    """Whether libpq did not even try to connect, for it did not understand where to."""
    return isinstance(error, psycopg.ProgrammingError)


def _of_address(error: psycopg.Error) -> Failure:
    message = without_secrets(str(error).strip().partition("\n")[0])
    return Failure(f"the address of the database is not understood: {message}", ELSEWHERE, Exit.USAGE)


# Passwords ---------------------------------------------------------------------------------------

_IN_URL = re.compile(r"(://[^:/@\s]*:)([^@\s]+)(?=@)")
_IN_CONNINFO = re.compile(r"(password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)", re.IGNORECASE)
_secrets: set[str] = set()


def keep_secret(address: str) -> None:
    """Remember the passwords of an address, so that no message repeats them."""
    _secrets.update(found[1] for pattern in (_IN_URL, _IN_CONNINFO) for found in pattern.findall(address))


def without_passwords(text: str) -> str:
    """The text with stars for what is written as a password is."""
    for pattern in (_IN_URL, _IN_CONNINFO):
        text = pattern.sub(r"\1***", text)
    return text


def without_secrets(text: str) -> str:
    """The text with stars for the passwords that we were given, wherever they are in it."""
    text = without_passwords(text)
    for secret in sorted({*_secrets, os.environ.get("PGPASSWORD", "")} - {""}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _plain(line: str) -> str:
    return visible(without_passwords(line))
