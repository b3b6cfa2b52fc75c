"""A workflow with one run that was undone and rows of others beside it."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from pgunwind import Unwind
from templates import holding

Connection = psycopg.Connection[Any]

SHOP = """
create table orders (id text primary key);
create table lines (id int generated always as identity primary key, order_id text references orders);
create index on lines (order_id);
select unwind.define_workflow('shop', 'Orders with their lines.');
select unwind.define_step('shop', 'order', 'orders', 'id');
select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}');
insert into orders values ('theirs');
insert into lines (order_id) values ('theirs'), ('theirs'), ('theirs');
"""
RUN = """
select unwind.start_run('shop', '{run}', 'customer 7', '{{"by": "night"}}'),
    unwind.record_step('{run}', 'order', '{run}''s');
insert into orders values ('{run}''s');
insert into lines (order_id) values ('{run}''s'), ('{run}''s');
select unwind.fail_run('{run}', 'out of stock')
"""
UNDO = "select * from unwind.compensate_run('{run}')"

shop_template = holding(SHOP)


@pytest.fixture
def shop(shop_template: Any, conn: Connection) -> Connection:
    """The workflow, an order of somebody else's with three lines, and run r1, of three rows, undone."""
    conn.execute(RUN.format(run="r1").encode())
    conn.execute(UNDO.format(run="r1").encode())
    return conn


@pytest.fixture
def unwind(shop: Connection) -> Unwind:
    """A client for it."""
    return Unwind(shop)
