"""Where a publication is for all tables, the engine's own are no reason to fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

import ways
from pgunwind import manifest, migrate

PUBLICATIONS = (
    "create publication p for all tables",
    "create publication p for tables in schema unwind, unwind_internal, public",
    "create publication p for all tables with (publish = 'delete')",
)
SHOP = """
create table orders (id text primary key);
create table lines (id int primary key, order_id text references orders on delete cascade);
create index on lines (order_id);
create table notes (id int primary key, order_id text);
create index on notes (order_id);
select unwind.define_workflow('w'), unwind.define_step('w', 'order', 'orders', 'id');
select unwind.declare_foreign_key('notes', '{order_id}', 'orders', '{id}', 'set null');
"""
RUN = """
select unwind.start_run('w', 'r'), unwind.record_step('r', 'order', 'o');
insert into orders values ('o');
insert into lines values (1, 'o');
insert into notes values (1, 'o');
"""


def test_every_table_of_the_engine_has_a_replica_identity(conn: psycopg.Connection[Any]) -> None:
    lacking = conn.execute(
        "select c.oid::regclass::text from pg_class as c"
        " where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text like 'unwind%'"
        " and not (c.relreplident = 'f' or c.relreplident = 'd' and exists"
        " (select from pg_index as i where i.indrelid = c.oid and i.indisprimary))"
    ).fetchall()
    assert lacking == []


@pytest.mark.parametrize("publication", PUBLICATIONS)
def test_everything_works_under_it(
    conn: psycopg.Connection[Any], dsn: str, pg_bin: Path, publication: str
) -> None:
    conn.execute(publication.encode())
    conn.execute(SHOP.encode())
    conn.execute("select unwind.compile_workflow('w')")
    assert conn.execute("select * from unwind.check_workflow('w')").fetchall() == []
    for way in ways.ALL:
        conn.execute(RUN.encode())
        way(ways.Target(dsn, pg_bin), ["r"])
        assert conn.execute("select status from unwind.workflow_runs").fetchall() == [("COMPENSATED",)]
        assert conn.execute("select from orders union all select from lines").fetchall() == []
        conn.execute("delete from notes")
        conn.execute("select unwind.purge_runs('0 days', receipts => true)")
    conn.execute("select unwind.drop_foreign_key('notes', '{order_id}', 'orders', '{id}')")
    conn.execute("select unwind.drop_workflow('w')")


@pytest.mark.parametrize("publication", PUBLICATIONS)
def test_so_does_capture(conn: psycopg.Connection[Any], publication: str) -> None:
    conn.execute(publication.replace("unwind_internal", "unwind_internal, unwind_captured").encode())
    conn.execute((SHOP + "select unwind.capture_table('orders', 'lines', 'notes')").encode())
    for run in ("kept", "forgotten"):
        conn.execute("select unwind.start_run('w', %s)", [run])
        with conn.transaction():
            conn.execute("select unwind.enter_run(%s)", [run])
            conn.execute("insert into orders values (%s)", [run])
            conn.execute("insert into notes values (1, 'x')")
            conn.execute("update notes set order_id = null; delete from notes")
        conn.execute("select unwind.compensate_run(%s), unwind.restore_run(%s)", [run, run])
        conn.execute("select unwind.compensate_run(%s)", [run])
    conn.execute("select unwind.forget_images('{forgotten}'), unwind.purge_runs('0 days')")
    conn.execute("select unwind.uncapture_table('orders', 'lines', 'notes')")
    assert conn.execute("select from orders").fetchall() == []


def test_it_is_installed_again_under_it(bare_dsn: str) -> None:
    with psycopg.connect(bare_dsn, autocommit=True) as conn:
        manifest.install(conn)
        conn.execute(PUBLICATIONS[0].encode())
        conn.execute(SHOP.encode())
        manifest.install(conn)
        migrate.upgrade(bare_dsn)
