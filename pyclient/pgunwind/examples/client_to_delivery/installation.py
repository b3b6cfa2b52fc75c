"""Installs the reference workflow: the same files that its psql installer runs."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

from pgunwind.examples.client_to_delivery.rows import SCHEMA

FILES = ("tables.sql", "workflow.sql", "compensations.sql")


def install(conn: psycopg.Connection[Any], schema: str = SCHEMA) -> None:
    """Creates the ten tables in `schema` and defines the workflow on them, in one transaction.

    The engine has to be there already. Doing it again in the same schema changes nothing.
    """
    name = sql.Identifier(schema)
    with conn.transaction():
        before = conn.execute(
            "select current_setting('search_path'), current_setting('client_min_messages')"
        ).fetchone()
        # "already exists, skipping" is no news here.
        conn.execute("set local client_min_messages = warning")
        conn.execute(sql.SQL("create schema if not exists {}").format(name))
        conn.execute(sql.SQL("set local search_path = {}").format(name))
        for file in FILES:
            conn.execute(_script(file))
        # The caller may have a transaction of its own around this one.
        conn.execute(
            "select set_config('search_path', %s, true), set_config('client_min_messages', %s, true)", before
        )


def _script(file: str) -> sql.SQL:
    path = files("pgunwind.sql") / "workflows" / "client_to_delivery" / file
    return sql.SQL(path.read_text(encoding="utf-8"))
