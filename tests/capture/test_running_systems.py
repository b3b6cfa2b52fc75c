"""Capture comes to systems that run, goes on through what is done to them, and goes without a trace."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from capture.conftest import SHOP, Captured
from pgunwind import manifest
from pgunwind.demo.server import EmbeddedServer

ROOT = Path(__file__).parents[2]
ROWS = {
    table: f"select coalesce(string_agg(t::text, ',' order by t::text), '') from {table} as t"
    for table in ("orders", "lines", "parts")
}
CHANGES = (
    "insert into orders values (3, 'Cid'); update orders set customer = 'x' where id = 1;"
    "delete from lines where id = 21; insert into parts values (1, 2, 'nut')"
)

Program = Callable[..., str]


@pytest.fixture
def program(pg_bin: Path) -> Program:
    """Return what runs one of PostgreSQL's programs, and gives what it printed."""

    def run(name: str, *arguments: str, given: str | None = None, failing: bool = False) -> str:
        command = [pg_bin / name, *(("-X", "-q") if name == "psql" else ()), *arguments]
        ended = subprocess.run(command, input=given, capture_output=True, text=True, check=False, cwd=ROOT)
        assert (ended.returncode != 0) is failing, ended.stderr
        return ended.stdout + (ended.stderr if failing else "")

    return run


def rows(shop: Captured) -> list[str]:
    return [shop.value(query) for query in ROWS.values()]


# Locks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("table", "part"), [("free", "free"), ("parts", "parts_1")])
def test_capturing_locks_a_table_no_more_than_a_trigger_must(
    shop: Any, connect: Any, table: str, part: str
) -> None:
    if table == "parts":
        shop.conn.execute("select unwind.uncapture_table('parts')")
    mode = "select mode from pg_locks where relation = %s::regclass and pid = pg_backend_pid()"
    shop.conn.execute(
        "create function nothing() returns trigger language plpgsql as $$ begin return null; end $$"
    )

    def locks(statement: str, name: str) -> set[str]:
        with shop.conn.transaction(force_rollback=True):
            shop.conn.execute(statement)
            reader = connect()
            reader.execute("set lock_timeout = '1ms'")
            reader.execute(f"select count(*) from (select from {table} for key share) as t")
            return {found for (found,) in shop.conn.execute(mode, [name])}

    for name in (table, part):
        trigger = f"create trigger t after insert on {table} for each row execute function nothing()"
        captured = locks(f"select unwind.capture_table('{table}')", name)
        assert captured - {"AccessShareLock", "RowShareLock"} == locks(trigger, name) - {"AccessShareLock"}


# Upgrades ----------------------------------------------------------------------------------------


def test_the_engine_is_upgraded_under_captured_tables_and_runs_in_flight(
    shop: Any, dsn: str, connect: Any, in_background: Any
) -> None:
    before = rows(shop)
    shop.write("ended", CHANGES)
    shop.conn.execute("select unwind.complete_run('ended')")
    shop.write("undone", "insert into lines values (50, 2, 1); delete from lines where id = 11")
    shop.conn.execute("select unwind.compensate_run('undone')")
    flying = connect(autocommit=False)
    shop.start("flying")
    flying.execute("select unwind.enter_run('flying')")
    flying.execute("update orders set customer = 'y' where id = 2")

    def upgrade() -> None:
        with psycopg.connect(dsn) as conn:
            manifest.install(conn)

    upgrading = in_background(upgrade)
    deadline = time.monotonic() + 60
    while not shop.value("select exists (select from pg_locks where not granted)") and not upgrading.done():
        assert time.monotonic() < deadline
    flying.execute("delete from parts where id = 2")
    flying.commit()
    upgrading.result(timeout=120)
    flying.execute("select unwind.enter_run('flying')")
    flying.execute("insert into lines values (99, 3, 1)")
    flying.commit()

    assert len(shop("select from unwind.find_changes('flying')")) == 3
    shop.conn.execute("select unwind.restore_run('undone')")
    assert shop("select id from lines where id in (11, 50)") == [(50,)]
    shop.conn.execute("select unwind.compensate_run('undone')")
    for run in ("flying", "ended"):
        shop.conn.execute("select unwind.compensate_run(%s, force => true)", [run])
    assert rows(shop) == before


# Replication -------------------------------------------------------------------------------------


def test_a_subscriber_captures_what_its_own_runs_do_and_nothing_that_is_replicated() -> None:
    with EmbeddedServer({"wal_level": "logical"}) as server:
        with psycopg.connect(server.dsn, autocommit=True) as conn:
            conn.execute("create database subscriber")
        with (
            psycopg.connect(server.dsn, autocommit=True) as publisher,
            psycopg.connect(server.database_dsn("subscriber"), autocommit=True) as subscriber,
        ):
            tables = SHOP[: SHOP.index("insert into orders")]
            publisher.execute(tables.encode())
            publisher.execute("create publication p for table orders, lines, parts")
            publisher.execute("select pg_create_logical_replication_slot('s', 'pgoutput')")
            manifest.install(subscriber)
            subscriber.execute(tables.encode())
            subscriber.execute(
                "select unwind.define_workflow('w');select unwind.capture_table('orders', 'lines', 'parts')"
            )
            subscriber.execute(
                f"create subscription s connection '{server.dsn}' publication p"
                " with (create_slot = false, slot_name = 's', copy_data = false)"
            )
            publisher.execute("insert into free values (1)")
            for statement in (
                "insert into orders values (1, 'a'), (2, 'b')",
                "insert into lines values (1, 1, 1); insert into parts values (1, 1, 'screw')",
                "update orders set customer = 'c' where id = 1; delete from orders where id = 2",
                "truncate lines",
                "update parts set name = 'nut'",
            ):
                publisher.execute(statement.encode())

            deadline = time.monotonic() + 60
            while subscriber.execute("select name from parts").fetchall() != [("nut",)]:
                assert time.monotonic() < deadline
            assert subscriber.execute("select id, customer from orders").fetchall() == [(1, "c")]
            assert subscriber.execute("select from lines").fetchall() == []
            for table in ("orders", "lines", "parts"):
                assert subscriber.execute(f'select from unwind_captured."public.{table}"').fetchall() == []
            own = Captured(subscriber)
            own.write("r", "update orders set customer = 'own'; delete from parts")
            assert len(own.images("orders")) == 2
            assert len(own("select from unwind.compensate_run('r')")) == 2
            assert own("select customer from orders") == [("c",)]
            subscriber.execute("drop subscription s")


READS = (
    "select table_name, row_count from unwind.preview_run('r')",
    "select table_name, rows_left from unwind.verify_run('r')",
    "select table_name, row_key, action, changed_columns from unwind.find_changes('r')",
    "select table_name, row_key, action from unwind.find_changes('undone', of_undo => true)",
    "select * from unwind.find_uncovered('r')",
    "select * from unwind.check_capture()",
    "select run_id, together, blocked_by from unwind.undone_runs",
    "select * from unwind.stuck_runs",
)


def seen(dsn: str) -> list[Any]:
    with psycopg.connect(dsn, autocommit=True) as conn:
        return [sorted(conn.execute(query.encode()).fetchall(), key=repr) for query in READS]


def test_every_look_is_the_same_on_a_standby() -> None:
    with EmbeddedServer() as server:
        with psycopg.connect(server.dsn, autocommit=True) as conn:
            manifest.install(conn)
            conn.execute(SHOP.encode())
            shop = Captured(conn)
            shop.write("undone", "update parts set name = 'undone'; insert into free values (1)")
            shop.conn.execute("select unwind.compensate_run('undone')")
            shop.write("r", CHANGES)
        before = seen(server.dsn)
        assert [len(found) for found in before[:3]] == [4, 3, 4]
        server.stop()
        (server.directory / "data" / "standby.signal").touch()
        server.start()
        assert seen(server.dsn) == before


# Dumps, and the end ------------------------------------------------------------------------------


def test_a_schema_is_dumped_without_the_engine_and_its_triggers(
    shop: Any, dsn: str, bare_dsn: str, program: Program, connect: Any, tmp_path: Path
) -> None:
    shop.write("r", CHANGES)
    dump = str(tmp_path / "dump")
    program("pg_dump", "-Fc", "-n", "public", "-f", dump, "-d", dsn)
    everything = program("pg_restore", "-l", dump)
    chosen = tmp_path / "chosen"
    chosen.write_text(
        "\n".join(line for line in everything.splitlines() if " unwind_capture_" not in line), "utf-8"
    )
    target = make_conninfo(bare_dsn)
    with connect(bare_dsn) as conn:
        conn.execute("drop schema public")
    program("pg_restore", "--exit-on-error", "-L", str(chosen), "-d", target, dump)
    copy = Captured(connect(bare_dsn))
    assert rows(copy) == rows(shop)
    assert copy("select from pg_trigger where not tgisinternal") == []
    copy.conn.execute("insert into orders values (9)")


def test_one_script_takes_everything_out(shop: Any, dsn: str, program: Program) -> None:
    uninstall = ("-v", "ON_ERROR_STOP=1", "-v", "go=1", "-f", "sql/dba/uninstall.sql", "-d", dsn)
    shop.write("r", CHANGES)
    before = rows(shop)
    assert "live" in program("psql", *uninstall, failing=True)
    assert rows(shop) == before
    shop.conn.execute("select unwind.complete_run('r')")
    program("psql", *uninstall)
    assert rows(shop) == before
    assert shop("select from pg_trigger where not tgisinternal") == []
    assert shop("select from pg_namespace where nspname like 'unwind%'") == []
    shop.conn.execute("insert into orders values (9); update parts set name = 'x'; truncate lines")
