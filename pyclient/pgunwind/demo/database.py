"""A database for the demo alone: made when it starts, gone when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pgunwind.demo.server import running_server
from pgunwind.examples.client_to_delivery import install
from pgunwind.migrate import upgrade


@contextmanager
def demo_database() -> Iterator[str]:
    """A database with the engine and the reference workflow in it; yields its conninfo."""
    with running_server() as server, _own_database(server) as dsn:
        upgrade(dsn)
        with psycopg.connect(dsn) as conn:
            install(conn)
        yield dsn


@contextmanager
def _own_database(server: str) -> Iterator[str]:
    name = f"pgunwind_demo_{uuid4().hex[:12]}"
    database = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as conn:
        try:
            conn.execute(sql.SQL("create database {}").format(database))
            yield make_conninfo(server, dbname=name)
        finally:
            conn.execute(sql.SQL("drop database if exists {} with (force)").format(database))
