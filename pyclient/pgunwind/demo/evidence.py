"""What is in the reference workflow's tables: how many rows, and a checksum of all they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from pgunwind.examples.client_to_delivery import SCHEMA, TABLES


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All ten tables at one moment."""

    counts: dict[str, int]
    checksums: dict[str, str]

    @property
    def total(self) -> int:
        """Rows in all tables together."""
        return sum(self.counts.values())


def snapshot(conn: psycopg.Connection[Any], schema: str = SCHEMA) -> Snapshot:
    """Reads every column of every row, in one statement."""
    found = conn.execute(sql.SQL(" union all ").join(_summary(schema, table) for table in TABLES)).fetchall()
    return Snapshot(
        counts={table: count for table, count, _ in found},
        checksums={table: checksum for table, _, checksum in found},
    )


def _summary(schema: str, table: str) -> sql.Composed:
    return sql.SQL(
        "select {name}, count(*), md5(coalesce(string_agg(t::text, e'\\n' order by t::text), ''))"
        " from {table} as t"
    ).format(name=sql.Literal(table), table=sql.Identifier(schema, table))
