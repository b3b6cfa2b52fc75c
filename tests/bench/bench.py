"""The server that all is measured on, the runs behind, and how much of everything there is to be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from pgunwind.demo.server import EmbeddedServer

from . import background

SETTINGS = {
    "max_wal_size": "8GB",
    "autovacuum": "off",
    "max_connections": "60",
    "full_page_writes": "on",
}


@dataclass(frozen=True)
class Scale:
    """How big the measurements are."""

    behind: int
    """Runs that stay while others are undone."""
    times: dict[int, int]
    """How often one undo is measured, by milliseconds of a round trip."""
    big_runs: tuple[int, ...]
    """Rows of one run."""
    backgrounds: tuple[int, ...]
    """Runs behind."""
    clients: tuple[int, ...]
    runs_per_client: int
    mass: tuple[int, ...]
    """Runs undone at once."""
    depths: tuple[int, ...]
    """Tables in a chain."""
    breadths: tuple[int, ...]
    """Tables beside each other."""
    rows_at_once: int
    """Rows of a statement that writes many."""
    shared_buffers: str
    """Enough for all the runs behind, as a server of that size would have."""
    repeats: int = 3
    """Of what takes long."""


QUICK = Scale(
    behind=10_000,
    times={0: 200, 1: 25, 20: 3, 50: 3},
    big_runs=(22, 1_000, 10_000, 100_000),
    backgrounds=(10_000, 50_000),
    clients=(1, 4, 16),
    runs_per_client=100,
    mass=(10, 100, 1_000),
    depths=(2, 10, 40),
    breadths=(10, 100),
    rows_at_once=10_000,
    shared_buffers="1GB",
)
FULL = Scale(
    behind=100_000,
    times={0: 500, 1: 100, 20: 15, 50: 5},
    big_runs=(22, 1_000, 10_000, 100_000, 1_000_000),
    backgrounds=(10_000, 100_000, 1_000_000),
    clients=(1, 2, 4, 8, 16),
    runs_per_client=400,
    mass=(10, 100, 1_000, 10_000, 50_000),
    depths=(2, 5, 10, 20, 40),
    breadths=(10, 50, 100, 200),
    rows_at_once=10_000,
    shared_buffers="8GB",
    repeats=5,
)
SMOKE = Scale(
    behind=20,
    times={0: 2, 1: 2},
    big_runs=(22, 200),
    backgrounds=(30, 60),
    clients=(1, 2),
    runs_per_client=3,
    mass=(3, 6),
    depths=(2, 3),
    breadths=(2, 3),
    rows_at_once=100,
    shared_buffers="128MB",
    repeats=2,
)
SCALES = {"quick": QUICK, "full": FULL, "smoke": SMOKE}


class Bench:
    """A database with runs behind; it knows how many rows there have to be."""

    def __init__(self, dsn: str, conn: psycopg.Connection[Any], scale: Scale) -> None:
        self.dsn = dsn
        self.conn = conn
        self.scale = scale
        self._next = 1
        self._live = dict.fromkeys(background.SCHEMAS, 0)

    def reserve(self, count: int) -> range:
        """Return numbers that no run has."""
        numbers = range(self._next, self._next + count)
        self._next = numbers.stop
        return numbers

    def add_runs(self, count: int, *schemas: str) -> range:
        """Add fresh runs to the application's tables, or to the named schemas, and return their numbers."""
        numbers = self.reserve(count)
        chosen = schemas or (background.TABLES_OF_THE_APPLICATION,)
        background.add_runs(self.conn, numbers, chosen)
        for schema in chosen:
            self._live[schema] += count
        return numbers

    def add_rows(self, count: int, write: Callable[[psycopg.Connection[Any], range], None]) -> range:
        """Have somebody write the rows of runs to the application's tables, and return their numbers."""
        numbers = self.reserve(count)
        write(self.conn, numbers)
        self._live[background.TABLES_OF_THE_APPLICATION] += count
        return numbers

    def runs(self, schema: str = background.TABLES_OF_THE_APPLICATION) -> int:
        """Return how many runs a schema holds."""
        return self._live[schema]

    def verify_undone(
        self, who: str, numbers: range, schema: str = background.TABLES_OF_THE_APPLICATION
    ) -> None:
        """See that these runs are gone; others are counted by verify_all."""
        background.expect_gone(self.conn, schema, numbers, who)
        self._live[schema] -= len(numbers)

    def verify_all(self) -> None:
        """See that no row is there too many, and none too few."""
        for schema, runs in self._live.items():
            background.expect_left(self.conn, schema, runs)

    def tidy(self) -> None:
        """Vacuum, and write all pages, so that nobody pays for another's leavings."""
        self.conn.execute("vacuum analyze")
        self.conn.execute("checkpoint")

    def set_durable(self, durable: bool) -> None:
        """Switch fsync; on, a commit waits for the disk."""
        self.conn.execute(f"alter system set fsync = {'on' if durable else 'off'}")
        self.conn.execute(f"alter system set synchronous_commit = {'on' if durable else 'off'}")
        self.conn.execute("select pg_reload_conf()")
        self.conn.execute("checkpoint")


@contextmanager
def server(scale: Scale) -> Iterator[Bench]:
    """A server of one's own, always: its settings are changed, and its disk is written to."""
    with (
        EmbeddedServer(SETTINGS | {"shared_buffers": scale.shared_buffers}, on_disk=True) as started,
        psycopg.connect(started.dsn, autocommit=True) as conn,
    ):
        conn.execute("create database bench")
        dsn = started.database_dsn("bench")
        with psycopg.connect(dsn, autocommit=True) as own:
            background.prepare(own)
            yield Bench(dsn, own, scale)
