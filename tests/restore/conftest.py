"""The captured shop, with a workflow that records keys beside one that does not."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from capture.conftest import SHOP, Captured
from templates import holding

MORE = """
select unwind.define_workflow('keys'), unwind.define_step('keys', 'order', 'orders', 'id'),
    unwind.define_step('keys', 'free', 'free', 'id');
"""


class Restored(Captured):
    """What tests of restored runs do with the shop."""

    def rows(self) -> list[Any]:
        """Every row of the captured tables."""
        return [
            self(f"select t::text from {table} as t order by 1") for table in ("orders", "lines", "parts")
        ]

    def record(self, run: str, step: str, key: int, *statements: str) -> None:
        """Start a run by recorded keys if it is not there, and do a step of it."""
        if self.status(run) is None:
            self.conn.execute("select unwind.start_run('keys', %s)", [run])
        with self.conn.transaction():
            self.conn.execute("select unwind.record_step(%s, %s, %s)", [run, step, str(key)])
            for statement in statements:
                self.conn.execute(statement.encode())

    def undo(self, *runs: str, **choices: Any) -> list[Any]:
        """Undo these, together; all rows that this changed. One alone goes by the function for one."""
        choices = {"force": True, **choices}
        if len(runs) > 1:
            return self.called("compensate_runs", runs, choices)
        arguments = "".join(f", {name} => %s" for name in choices)
        columns = ("rows_deleted", "rows_reverted", "rows_reinserted", "rows_skipped")
        sums = ", ".join(f"coalesce(sum({column}), 0)::bigint" for column in columns)
        query = f"select %s, {sums} from unwind.compensate_run(%s{arguments})"
        return self(query, *runs, *runs, *choices.values())

    def restore(self, *runs: str, **choices: Any) -> list[Any]:
        """Take the undo of these back; all rows that this changed."""
        return self.called("restore_runs", runs, choices)

    def called(self, function: str, runs: tuple[str, ...], choices: dict[str, Any]) -> list[Any]:
        """Call a function of many runs."""
        arguments = ", ".join(f"{name} => %s" for name in choices)
        query = f"select * from unwind.{function}(%s{', ' if choices else ''}{arguments})"
        return self(query, list(runs), *choices.values())


shop_template = holding(SHOP + MORE)


@pytest.fixture
def shop(shop_template: Any, conn: psycopg.Connection[Any]) -> Restored:
    """The shop in a database of its own."""
    return Restored(conn)
