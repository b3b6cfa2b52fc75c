"""Many runs of one small workflow, made by SQL, and the clock in the tests' hands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
import pytest

from shop import Shop
from templates import holding

SETUP = """
create table orders (id text primary key);
create table lines (id int generated always as identity primary key, order_id text references orders);
create index on lines (order_id);
create table letters (id text primary key);
select unwind.define_workflow('w');
select unwind.define_step('w', 'order', 'orders', 'id');
select unwind.define_step('w', 'letter', 'letters', 'id');
select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}');
create table invoices (order_id text references orders);
create index on invoices (order_id);
select unwind.compile_workflow('w');
"""
START = """
insert into orders select 'o' || i from unnest(%(ids)s::int[]) as i;
insert into lines (order_id) select 'o' || i from unnest(%(ids)s::int[]) as i, generate_series(1, 2);
insert into letters select 'l' || i from unnest(%(ids)s::int[]) as i;
select unwind.start_run('w', 'r' || i, worker => %(worker)s::text) from unnest(%(ids)s::int[]) as i;
select unwind.record_step('r' || i, 'order', 'o' || i), unwind.record_step('r' || i, 'letter', 'l' || i)
from (select unwind.act_as(%(worker)s)) as speaker, unnest(%(ids)s::int[]) as i;
select unwind.fail_run('r' || i, 'out of stock') from unnest(%(ids)s::int[]) as i where %(failed)s
"""
ROWS_PER_RUN = 4


class Fleet(Shop):
    """Runs by their numbers."""

    def start(self, ids: Iterable[int], *, worker: str | None = None, failed: bool = True) -> None:
        """Runs r<id> of four rows each: failed, or at work."""
        values = {"ids": list(ids), "worker": worker, "failed": failed}
        with self.conn.transaction(), psycopg.ClientCursor(self.conn) as cursor:
            cursor.execute(START, values)

    def at(self, time: str) -> None:
        """Sets the clock of this session, relative to the real one: '10 minutes'."""
        self("select set_config('unwind.now', (clock_timestamp() + %s::interval)::text, false)", time)

    def block(self, number: int) -> None:
        """Somebody else's row refers to an order of this run."""
        self.conn.execute("insert into invoices values (%s)", [f"o{number}"])

    def sweep(self, **arguments: Any) -> tuple[int, int]:
        """One call of recover_runs: how many recovered, how many failed."""
        named = ", ".join(f"{name} => %({name})s" for name in arguments)
        row = self.conn.execute(f"call unwind.recover_runs({named})".encode(), arguments).fetchone()
        assert row is not None
        return row[0], row[1]

    def statuses(self) -> dict[str, int]:
        """How many runs are in which status."""
        return dict(self("select status, count(*) from unwind.workflow_runs group by 1"))

    def rows(self) -> int:
        """Rows of all runs together."""
        return self.count("orders", "lines", "letters")


fleet_template = holding(SETUP)


@pytest.fixture
def fleet(fleet_template: Any, conn: psycopg.Connection[Any]) -> Fleet:
    """The workflow in a database of its own."""
    return Fleet(conn)
