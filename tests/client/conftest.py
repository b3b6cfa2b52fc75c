"""A small workflow: an order with its lines, then an invoice; and both clients, for each test.

Connections are of the client's kind, shop too, so that each may be what the client works on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from clients import BOTH, Client
from templates import holding

TABLES = """
create table orders (id text primary key, customer text);
create table order_lines (
    id int generated always as identity primary key,
    order_id text not null references orders (id) on delete cascade
);
create index on order_lines (order_id);
create table invoices (id bigint generated always as identity primary key, order_id text not null);
select unwind.define_workflow('shop', 'An order and its invoice.');
select unwind.define_step('shop', 'order', 'orders', 'id');
select unwind.define_step('shop', 'invoice', 'invoices', 'id');
"""

REFUSING_TRIGGER = """
create function refuse() returns trigger language plpgsql as $$
begin
    raise 'orders are kept for the auditor';
end
$$;
create trigger refuse before delete on orders for each row execute function refuse();
select unwind.compile_workflow('shop');
"""


CAPTURED = "select unwind.capture_table('orders', 'order_lines', 'invoices')"

shop_template = holding(TABLES)
captured_template = holding(TABLES, CAPTURED)


@pytest.fixture(params=BOTH)
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    """Return one client, then the other."""
    one = BOTH[request.param]()
    yield one
    one.close()


@pytest.fixture
def connect(client: Client, dsn: str) -> Iterator[Callable[..., psycopg.Connection[Any]]]:
    """Return a maker of further connections, by default autocommit and to ``dsn``; closed at the end."""
    with ExitStack() as stack:

        def make(conninfo: str = dsn, **options: Any) -> psycopg.Connection[Any]:
            connection = client.connect(conninfo, **{"autocommit": True, **options})
            stack.callback(connection.close)
            return connection

        yield make


@pytest.fixture
def shop(
    shop_template: Any, conn: psycopg.Connection[Any], connect: Callable[..., psycopg.Connection[Any]]
) -> psycopg.Connection[Any]:
    """Return an autocommit connection to a database with the engine and the workflow shop."""
    return connect(make_conninfo(conn.info.dsn, password=conn.info.password or None))


@pytest.fixture
def captured(
    captured_template: Any, conn: psycopg.Connection[Any], connect: Callable[..., psycopg.Connection[Any]]
) -> psycopg.Connection[Any]:
    """Return the same, with its tables under capture, and an order of before."""
    own = connect(make_conninfo(conn.info.dsn, password=conn.info.password or None))
    own.execute("insert into orders values ('old', 'Ada')")
    return own


@pytest.fixture
def refusing_shop(shop: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """Return the same, with orders that cannot be deleted."""
    shop.execute(REFUSING_TRIGGER)
    return shop


@pytest.fixture
def count(conn: psycopg.Connection[Any]) -> Callable[[str], int]:
    """Return a function that counts the rows of a table, as another session sees them."""

    def rows(table: str) -> int:
        with psycopg.connect(conn.info.dsn, password=conn.info.password or None) as other:
            row = other.execute(f"select count(*) from {table}".encode()).fetchone()
        assert row is not None
        return int(row[0])

    return rows


@pytest.fixture
def run_row(conn: psycopg.Connection[Any]) -> Callable[[str], tuple[str, str | None]]:
    """Return a function that gives status and last_error of a run, as another session sees them."""

    def row_of(run_id: str) -> tuple[str, str | None]:
        with psycopg.connect(conn.info.dsn, password=conn.info.password or None) as other:
            row = other.execute(
                "select status, last_error from unwind.workflow_runs where id = %s", [run_id]
            ).fetchone()
        assert row is not None
        return row[0], row[1]

    return row_of
