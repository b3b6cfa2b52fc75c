"""A shop of three tables, and the tools to step through real sessions without sleeping."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from shop import Shop
from templates import holding

Connection = psycopg.Connection[Any]

SHOP = """
create table orders (id text primary key, customer text);
create table lines (id text primary key, order_id text);
create index on lines (order_id);
create table payments (id text primary key, order_id text, amount int);
create index on payments (order_id);
select unwind.define_workflow('checkout');
select unwind.define_step('checkout', 'order', 'orders', 'id');
select unwind.define_step('checkout', 'payment', 'payments', 'id');
select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'cascade');
select unwind.declare_foreign_key('payments', '{order_id}', 'orders', '{id}', 'restrict');
"""
TABLES = ("orders", "lines", "payments")


class Checkout(Shop):
    """What tests do with a run of the workflow."""

    def start(self, run: str) -> None:
        """A run without steps."""
        self.conn.execute("select unwind.start_run('checkout', %s)", [run])

    def order(self, run: str, key: str, conn: Connection | None = None) -> None:
        """The first step: an order with two lines."""
        conn = conn or self.conn
        with conn.transaction():
            conn.execute("select unwind.record_step(%s, 'order', %s)", [run, key])
            conn.execute("insert into orders values (%s, 'Ada')", [key])
            conn.execute("insert into lines select %s || n, %s from generate_series(1, 2) n", [key, key])

    def payment(self, run: str, key: str, order: str) -> None:
        """The second step: a payment of the order."""
        with self.conn.transaction():
            self.conn.execute("select unwind.record_step(%s, 'payment', %s)", [run, key])
            self.conn.execute("insert into payments values (%s, %s, 1)", [key, order])

    def whole_run(self, run: str) -> None:
        """A run of four rows, still RUNNING."""
        self.start(run)
        self.order(run, f"o-{run}")
        self.payment(run, f"p-{run}", f"o-{run}")

    def contents(self) -> dict[str, list[Any]]:
        """Every row of every table, the ledger's too."""
        ledger = ("unwind.workflow_runs", "unwind.run_steps", "unwind.compensations", "unwind.entity_owners")
        return {name: self(f"select * from {name} as t order by t::text") for name in (*TABLES, *ledger)}

    def refused(self, query: str, *values: Any, session: Connection | None = None) -> psycopg.Error:
        """The error of a call that has to be refused, and to have changed nothing."""
        before = self.contents()
        error = super().refused(query, *values, session=session)
        assert self.contents() == before
        return error

    def left(self) -> int:
        """Rows in all three tables."""
        return self.count(*TABLES)


shop_template = holding(SHOP)


@pytest.fixture
def shop(shop_template: Any, conn: Connection) -> Checkout:
    """The shop's tables and workflow in a database of its own."""
    return Checkout(conn)
