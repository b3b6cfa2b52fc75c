"""A workflow with a link of each kind, and a table that two ways lead to."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from templates import holding

Connection = psycopg.Connection[Any]

SHOP = """
create table orders (id int primary key, parent_id int);
create table lines (id int primary key, order_id int, price numeric);
create table payments (id text primary key, order_id int);
create table notes (id int primary key, order_id int, line_id int);
create table alerts (id int primary key, order_id int);
create index on orders (parent_id);
create index on lines (order_id);
create index on payments (order_id);
create index on notes (order_id);
create index on notes (line_id);
create index on alerts (order_id);
select unwind.define_workflow('w');
select unwind.define_step('w', 'order', 'orders', 'id');
select unwind.define_step('w', 'payment', 'payments', 'id');
select unwind.declare_foreign_key('orders', '{parent_id}', 'orders', '{id}', 'cascade');
select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'cascade');
select unwind.declare_foreign_key('notes', '{order_id}', 'orders', '{id}', 'cascade');
select unwind.declare_foreign_key('notes', '{line_id}', 'lines', '{id}', 'cascade');
select unwind.declare_foreign_key('payments', '{order_id}', 'orders', '{id}', 'restrict');
select unwind.declare_foreign_key('alerts', '{order_id}', 'orders', '{id}', 'set null');
"""
ROWS = """
insert into orders values (1, null), (2, 1), (9, null);
insert into lines values (1, 1), (2, 1), (3, 2), (9, 9);
insert into payments values ('p1', 1), ('p9', 9);
insert into notes values
    (1, 1, null), (2, null, 1), (3, 1, 2), (4, 1, 9), (5, 2, 1), (9, 9, 9), (10, null, null);
insert into alerts values (1, 1), (9, 9);
select unwind.start_run('w', 'r');
select unwind.record_step('r', 'order', '1');
select unwind.record_step('r', 'payment', 'p1');
"""


shop_template = holding(SHOP)


@pytest.fixture
def shop(shop_template: Any, conn: Connection) -> Connection:
    """The workflow 'w' without rows; nothing is wrong with it."""
    return conn


@pytest.fixture
def run(shop: Connection) -> Connection:
    """A run 'r' of it, RUNNING, of order 1 and payment p1; rows numbered 9 are somebody else's."""
    shop.execute(ROWS)
    return shop
