"""A shop with two orders that are somebody's, and roles of all kinds that are let in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from shop import Shop
from templates import holding

Connection = psycopg.Connection[Any]

SHOP = """
create table orders (id text primary key);
create table lines (id int generated always as identity primary key, order_id text);
create index on lines (order_id);
insert into orders values ('good'), ('old');
insert into lines (order_id) values ('good'), ('good');
select unwind.define_workflow('w');
select unwind.define_step('w', 'order', 'orders', 'id');
select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'cascade');
"""
ON_THE_SHOP = "select, insert, update, delete on orders, lines"


class World(Shop):
    """The shop as its owner has it, and sessions of other logins."""

    def __init__(self, conn: Connection, connect: Any) -> None:
        super().__init__(conn)
        self.connect = connect
        self.roles: list[str] = []

    def role(self, name: str, access: str | None = None, on_the_shop: str | None = ON_THE_SHOP) -> str:
        """A new login, let in as what, with rights on the shop's tables; its name."""
        role = f"{name}_{self.conn.info.dbname}"
        self.conn.execute(f'create role "{role}" login'.encode())
        self.roles.append(role)
        if access is not None:
            self.let_in(role, access)
        self.conn.execute(f'grant usage on schema public to "{role}"'.encode())
        if on_the_shop is not None:
            self.conn.execute(f'grant {on_the_shop} to "{role}"'.encode())
        return role

    def let_in(self, role: str, access: str) -> None:
        """What sql/dba/grant_access.sql does."""
        self.conn.execute("select unwind_internal.grant_access(%s, %s)", [role, access])

    def login(self, role: str) -> Connection:
        """A session of that login, whatever the server's way to let it in."""
        session: Connection = self.connect()
        session.execute(f'set session authorization "{role}"'.encode())
        return session

    def rows(self) -> tuple[int, int]:
        """How many orders and lines there are."""
        return self("select (select count(*) from orders), (select count(*) from lines)")[0]

    def make_run(self, session: Connection, run: str, outcome: str = "FAILED") -> None:
        """A run of one order with one line, by this session."""
        session.execute("select unwind.start_run('w', %s)", [run])
        session.execute("select unwind.record_step(%s, 'order', %s)", [run, f"o-{run}"])
        session.execute("insert into orders values (%s)", [f"o-{run}"])
        session.execute("insert into lines (order_id) values (%s)", [f"o-{run}"])
        if outcome == "FAILED":
            session.execute("select unwind.fail_run(%s, 'it failed')", [run])
        if outcome == "COMPLETED":
            session.execute("select unwind.complete_run(%s)", [run])

    def drop(self) -> None:
        """Remove the roles, which belong to the server."""
        self.conn.execute("reset role")
        for role in self.roles:
            if self("select from pg_roles where rolname = %s", role):
                self.conn.execute(f'drop owned by "{role}"; drop role "{role}"'.encode())


world_template = holding(SHOP)


@pytest.fixture
def world(world_template: Any, conn: Connection, connect: Any) -> Iterator[World]:
    """The shop."""
    made = World(conn, connect)
    try:
        yield made
    finally:
        made.drop()
