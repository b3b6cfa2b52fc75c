"""A workflow of two steps: an order with lines, and its parcels, which have keys of two columns."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from shop import Shop
from templates import holding

SETUP = """
create table orders (id text primary key);
create table lines (id int generated always as identity primary key, order_id text);
create index on lines (order_id);
create table parcels (depot int, number int, order_id text, primary key (depot, number));
create index on parcels (order_id);
select unwind.define_workflow('w');
select unwind.define_step('w', 'order', 'orders', 'id');
select unwind.define_step('w', 'parcel', 'parcels', 'depot', 'number');
select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}');
select unwind.declare_foreign_key('parcels', '{order_id}', 'orders', '{id}', 'restrict');
"""


class Orders(Shop):
    """Runs of an order with two lines, and a parcel."""

    def run(self, run: str) -> None:
        """A run with both steps done: four rows."""
        self("select unwind.start_run('w', %s)", run)
        self("select unwind.record_step(%s, 'order', %s)", run, f"o-{run}")
        number = str(int.from_bytes(run.encode()) % 10**9)
        self("select unwind.record_step(%s, 'parcel', '1', %s)", run, number)
        self.conn.execute("insert into orders values (%s)", [f"o-{run}"])
        self.conn.execute("insert into lines (order_id) values (%s), (%s)", [f"o-{run}", f"o-{run}"])
        self.conn.execute("insert into parcels values (1, %s, %s)", [number, f"o-{run}"])

    def rows_left(self) -> int:
        """Rows in all three tables."""
        return self.count("orders", "lines", "parcels")


orders_template = holding(SETUP)


@pytest.fixture
def db(orders_template: Any, conn: psycopg.Connection[Any]) -> Orders:
    """The workflow in a database of its own."""
    return Orders(conn)
