"""What tests ask of a shop: a small workflow's tables, and a connection to them.

Each folder has a shop of its own, for each subject needs other tables; a subclass says how its runs are made.
"""

from __future__ import annotations

from typing import Any

import psycopg
import pytest


class Shop:
    """A connection with shorthands."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self.conn = conn

    def __call__(self, query: str, *values: Any) -> list[Any]:
        """What a query returns."""
        return self.conn.execute(query.encode(), values or None).fetchall()

    def value(self, query: str, *values: Any) -> Any:
        """The one value that a query returns."""
        return self(query, *values)[0][0]

    def count(self, *tables: str) -> int:
        """How many rows these tables have together."""
        return sum(self.value(f"select count(*) from {table}") for table in tables)

    def status(self, run: str) -> str | None:
        """The status of a run; None where there is none."""
        found = self("select status from unwind.workflow_runs where id = %s", run)
        return found[0][0] if found else None

    def refused(
        self, query: str, *values: Any, session: psycopg.Connection[Any] | None = None
    ) -> psycopg.Error:
        """The error of a query that has to fail, here or in another session."""
        with pytest.raises(psycopg.Error) as error:
            (session or self.conn).execute(query.encode(), values or None)
        return error.value
