"""A shop under capture, whose application knows nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from capture.tables import Database
from shop import Shop
from templates import holding

Connection = psycopg.Connection[Any]

SHOP = """
create table orders (id int primary key, customer text, price numeric, note json);
create table lines (id int primary key, order_id int references orders on delete cascade, amount int);
create index on lines (order_id);
create table parts (kind int, id int, name text, primary key (kind, id)) partition by list (kind);
create table parts_1 partition of parts for values in (1);
create table free (id int primary key);
insert into orders values (1, 'Ada', 1.50, '{"a": 1}'), (2, 'Bob', 2.0, null);
insert into lines values (11, 1, 5), (12, 1, 6), (21, 2, 7);
insert into parts values (1, 1, 'screw');
select unwind.define_workflow('w');
select unwind.capture_table('orders', 'lines', 'parts');
"""


class Captured(Shop):
    """What tests do with the shop."""

    def start(self, *runs: str) -> None:
        """Runs of a workflow without steps."""
        for run in runs:
            self.conn.execute("select unwind.start_run('w', %s)", [run])

    @contextmanager
    def inside(self, run: str, conn: Connection | None = None) -> Iterator[Connection]:
        """A transaction of the run's; it is started if it is not there."""
        conn = conn or self.conn
        if self.status(run) is None:
            self.start(run)
        with conn.transaction():
            conn.execute("select unwind.enter_run(%s)", [run])
            yield conn

    def write(self, run: str, *statements: str) -> None:
        """Do this in one transaction of the run's."""
        with self.inside(run) as conn:
            for statement in statements:
                conn.execute(statement.encode())

    def images(self, table: str, columns: str = "*") -> list[Any]:
        """The images of a table, those of no column but these, each with its sign; in no order."""
        rows = self(f'select "~sign", {columns} from unwind_captured."public.{table}"')
        return sorted(rows, key=repr)


shop_template = holding(SHOP)


@pytest.fixture
def shop(shop_template: Any, conn: Connection) -> Captured:
    """The shop in a database of its own."""
    return Captured(conn)


@pytest.fixture
def histories(conn: Connection) -> Database:
    """A database for random histories."""
    return Database(conn)
