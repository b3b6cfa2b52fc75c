"""The database of a command: where it is, a connection to it, the client on that."""

from __future__ import annotations

import os
import threading
from _thread import interrupt_main
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict

from pgunwind import Unwind
from pgunwind._batches import progress_of
from pgunwind._commands import Command
from pgunwind._connections import GIVES_UP, OWN_CONNECTION, conninfo_of
from pgunwind._visible import visible

from ._failures import keep_secret
from ._options import said
from ._screen import tell

T = TypeVar("T")
_MOMENT = 0.05


def address() -> str:
    """Where the database is, as libpq takes it; empty for what libpq finds in its environment."""
    given = said("dsn") or os.environ.get("PGUNWIND_DSN") or os.environ.get("DATABASE_URL") or ""
    keep_secret(given)
    return conninfo_of(given)


@dataclass(frozen=True, slots=True)
class Database:
    """A connection in autocommit, and the client on it."""

    connection: psycopg.Connection[Any]
    unwind: Unwind

    @property
    def name(self) -> str:
        """The name of the database."""
        return visible(self.connection.info.dbname)

    def ask(self, command: Command[T]) -> T:
        """The answer to a command that is no method of the client."""
        return self.unwind._call(command, None)


def connect() -> psycopg.Connection[Any]:
    """Connect; it gives up in time where nobody answers."""
    parameters = conninfo_to_dict(address())
    if "PGCONNECT_TIMEOUT" in os.environ:
        parameters.setdefault("connect_timeout", os.environ["PGCONNECT_TIMEOUT"])
    ours = {"fallback_application_name": "pgunwind", "client_encoding": "utf8"}
    return psycopg.connect(**{**GIVES_UP, **ours, **parameters, **OWN_CONNECTION})


@contextmanager
def opened() -> Iterator[Database]:
    """The database, for as long as a command works."""
    with connect() as connection:
        connection.add_notice_handler(_hear)
        yield Database(connection, Unwind(connection))


def _hear(notice: psycopg.errors.Diagnostic) -> None:
    """Pass on what the engine says, but for the progress of batches, which is a bar."""
    try:
        if progress_of(notice) is None and notice.message_primary:
            tell(f"{(notice.severity_nonlocalized or 'NOTICE').lower()}: {visible(notice.message_primary)}")
    except KeyboardInterrupt:
        # psycopg logs what is raised in here, and goes on: so again, once this has returned.
        threading.Timer(_MOMENT, interrupt_main).start()
