"""An application that knows nothing of runs, in one `with`, ended at every statement in turn.

    python tests/stress/statement_kills.py --dsn "dbname=…" --by kill

The database needs the engine and client_to_delivery. By kill: the process is killed before and after each of
its statements and commits, and recover_runs undoes what it left. By error: there is an exception instead, and
the block undoes the run as it is left. By connection: the server ends the connection instead. Each time every
table equals, byte by byte, what it was before. First there are only rows of other briefs, then a completed
run of the same brief too.
"""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from layers import SCHEMA, Layers
from load import fail, fork
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, event

from pgunwind import Unwind
from pgunwind.examples.client_to_delivery import TABLES, WORKFLOW
from pgunwind.sqlalchemy import capture

KILLED, ENDED, REACHED = -signal.SIGKILL, 0, 3
Bytes = dict[str, bytes]


class Fate:
    """Counts what the application does, and ends it at one of these moments."""

    def __init__(self, end: Callable[[Any], None], at: int) -> None:
        self.end = end
        self.at = at
        self.moments = 0

    def watch(self, application: Layers) -> None:
        """Be told of statements, before and after; of commits; and of connections that are given back."""
        for engine in application.engines:
            event.listen(engine, "before_cursor_execute", lambda conn, *_: self.moment(conn))
            event.listen(engine, "after_cursor_execute", lambda conn, *_: self.moment(conn))
            if self.end is kill:
                event.listen(engine, "commit", self.moment)
                event.listen(engine, "checkin", lambda *_: self.moment(None))

    def moment(self, conn: Any) -> None:
        """Go on, or not."""
        self.moments += 1
        if self.moments == self.at:
            self.end(conn)


class Ended(Exception):
    """What an application does not expect."""


def kill(conn: Any) -> None:
    """End the process, without a word."""
    os.kill(os.getpid(), signal.SIGKILL)


def error(conn: Any) -> None:
    """Raise something."""
    raise Ended


def connection(conn: Any) -> None:
    """Have the server end the connection, as an administrator would."""
    own = conn.connection.driver_connection
    with psycopg.connect(own.info.dsn, autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", [own.info.backend_pid])


def main() -> None:
    """End it everywhere, and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--by", choices=["kill", "error", "connection"], default="kill")
    parser.add_argument("--stride", type=int, default=1, help="not at every moment, but so many apart")
    arguments = parser.parse_args()
    dsn, end = arguments.dsn, globals()[arguments.by]
    tables = [f"{SCHEMA}.{table}" for table in TABLES]
    Unwind(dsn).capture_table(*tables)
    application = found(dsn)
    complete(dsn, application, "other")
    counts = []
    for state in ("rows of others", "a completed run of the same brief"):
        if state != "rows of others":
            complete(dsn, application, "brief")
        before, at, ended = snapshot(dsn), 1, 0
        while play(dsn, application, end, at):
            recover(dsn)
            compare(before, snapshot(dsn), f"{state}, moment {at}")
            at += arguments.stride
            ended += 1
        counts.append(ended)
        if snapshot(dsn) == before:
            fail("the run that nobody ended has changed nothing")
        undo_last(dsn)
        compare(before, snapshot(dsn), f"{state}, completed")
    print(f"by {arguments.by}, ended at {counts[0]} and {counts[1]} moments: every table as before")


def found(dsn: str) -> Layers:
    """The application; of capture it has what whoever set it up has put on its engines."""
    given = conninfo_to_dict(dsn)
    query = {"host": str(given["host"]), "port": str(given["port"])}
    application = Layers(
        URL.create("postgresql+psycopg", str(given["user"]), database=str(given["dbname"]), query=query)
    )
    for engine in application.engines:
        capture(engine)
    return application


def complete(dsn: str, application: Layers, brief: str) -> None:
    """Run it to its end."""
    if wait(fork(lambda: work(dsn, application, brief, Fate(error, 0)))) != ENDED:
        fail(f"the run of {brief} did not end well")


def play(dsn: str, application: Layers, end: Callable[[Any], None], at: int) -> bool:
    """Run it in a process of its own, up to that moment; whether it came to it."""
    status = wait(fork(lambda: work(dsn, application, "brief", Fate(end, at))))
    if status not in (ENDED, KILLED if end is kill else REACHED):
        fail(f"moment {at}: the process ended with {status}")
    return status != ENDED


def work(dsn: str, application: Layers, brief: str, fate: Fate) -> None:
    """The application, in one block."""
    try:
        with Unwind(dsn).run(WORKFLOW, business_key=brief, capture=True):
            fate.watch(application)
            application.deliver(brief)
    except Exception:
        if fate.at and fate.moments >= fate.at:
            os._exit(REACHED)
        raise


def wait(pid: int) -> int:
    """How the process ended."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def recover(dsn: str) -> None:
    """Sweep, long after all claims have lapsed; then no run is live."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("select set_config('unwind.now', (now() + interval '1 day')::text, false)")
        conn.execute("call unwind.recover_runs()")
        live = conn.execute(
            "select id, status, last_error from unwind.workflow_runs"
            " where status not in ('COMPLETED', 'COMPENSATED')"
        ).fetchall()
        if live:
            fail(f"still live: {live}")


def undo_last(dsn: str) -> None:
    """Undo the run that came to its end."""
    unwind = Unwind(dsn)
    unwind.compensate_run(unwind.find_runs(business_key="brief", max_runs=1)[0].id, force=True)


def snapshot(dsn: str) -> Bytes:
    """Every table, as COPY writes it, in the order of its key."""
    with psycopg.connect(dsn) as conn:
        return {table: written(conn, table) for table in TABLES}


def written(conn: psycopg.Connection[Any], table: str) -> bytes:
    with conn.cursor().copy(f"copy (select * from {SCHEMA}.{table} order by id) to stdout".encode()) as copy:
        return b"".join(bytes(data) for data in copy)


def compare(before: Bytes, after: Bytes, when: str) -> None:
    """Fail, naming the tables that differ."""
    differing = {table: (before[table], after[table]) for table in before if before[table] != after[table]}
    if differing:
        fail(f"{when}: {differing}")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
