"""Whoever may create things on somebody's search_path gets nothing executed by what that one calls.

Thousands of functions and operators that match better than PostgreSQL's own, and types and relations of the
same names, stand first on the path of a superuser who installs the engine and does everything with it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from names import plants, zoo
from pgunwind import Unwind, manifest, migrate

Connection = psycopg.Connection[Any]
Connect = Callable[..., Connection]
Psql = Callable[..., str]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def planted_dsn(bare_dsn: str, connect: Connect) -> str:
    """Return a database full of plants, by a conninfo that puts them first on the path."""
    conn = connect(bare_dsn)
    conn.execute(zoo.TABLES)
    print(plants.plant(conn))
    return make_conninfo(bare_dsn, options=f"-c search_path={plants.PATH.replace(' ', '')}")


@pytest.fixture
def psql(pg_bin: Path, planted_dsn: str) -> Psql:
    """Return what runs psql on it, and gives what it printed."""

    def run(*arguments: str, fails: bool = False) -> str:
        command = [str(pg_bin / "psql"), "-X", "-d", planted_dsn, *arguments]
        result = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ
        )
        assert "PLANTED" not in result.stderr
        assert (result.returncode != 0) == fails, result.stderr
        return result.stdout

    return run


@pytest.fixture
def hostile(planted_dsn: str, psql: Psql, connect: Connect) -> Iterator[Connection]:
    """Return a connection whose path begins with the plants, to the engine that psql installed with it."""
    psql("-1", "-q", "-v", "ON_ERROR_STOP=1", "-f", "sql/install.sql")
    conn = connect(planted_dsn)
    heard: list[str] = []
    conn.add_notice_handler(lambda notice: heard.append(f"{notice.message_primary} {notice.context}"))
    conn.execute(zoo.DEFINITIONS.encode())
    yield conn
    assert [text for text in heard if text.startswith("PLANTED")] == []
    assert plants.executions(conn) == 0


def begin(conn: Connection, run: str, n: int) -> None:
    """Start a run of each workflow, with the entities number n."""
    with conn.transaction():
        conn.execute(zoo.record(run, n).encode())
        conn.execute(zoo.rows(n).encode())


def verified(conn: Connection, *runs: str) -> None:
    for run in runs:
        for workflow in zoo.WORKFLOWS:
            assert (
                conn.execute("select from unwind.verify_run(%s)", [f"{run}-{workflow}"]).fetchall() == []
            ), f"{run}-{workflow}"


@pytest.mark.parametrize(
    "call",
    [
        "select pg_catalog.cardinality(array['a']), cardinality(array['a'::pg_catalog.text])",
        "select format('%s', 'a'::pg_catalog.text)",
        "select 1 from unnest(array['a'::pg_catalog.text]) as u",
        "select 'a'::pg_catalog.varchar = 'b'::pg_catalog.varchar",
        "select 1 in (2)",
        "select 'a'::pg_catalog.text like 'b'",
        "select nullif('a'::pg_catalog.text, 'b')",
        "select 'glad'::app.mood = 'sad'::app.mood",
        "select 'a'::text",
        "select from pg_class",
    ],
)
def test_the_plants_bear_fruit_where_a_name_has_no_schema(
    planted_dsn: str, connect: Connect, call: str
) -> None:
    conn = connect(planted_dsn)
    conn.execute(call.encode())
    assert plants.executions(conn) > 0


@pytest.mark.parametrize(
    "install", ["psql", "psql in a transaction", "manifest", "alembic", "offline script"]
)
def test_no_installation_is_bound_to_them(
    planted_dsn: str, psql: Psql, connect: Connect, tmp_path: Path, install: str
) -> None:
    conn = connect(planted_dsn)
    for _ in range(2):
        match install:
            case "manifest":
                manifest.install(conn)
            case "alembic":
                migrate.upgrade(planted_dsn)
            case "offline script":
                script = tmp_path / "upgrade.sql"
                script.write_text(migrate.offline_script())
                conn.execute(
                    "drop schema if exists unwind, unwind_internal, unwind_compiled, unwind_captured cascade"
                )
                psql("-q", "-v", "ON_ERROR_STOP=1", "-f", str(script))
            case _:
                once = ["-1"] if "transaction" in install else []
                psql(*once, "-q", "-v", "ON_ERROR_STOP=1", "-f", "sql/install.sql")
    bound = conn.execute(
        """
        select distinct pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
        from pg_catalog.pg_depend as d
        cross join lateral pg_catalog.pg_identify_object(d.refclassid, d.refobjid, 0) as planted
        cross join lateral pg_catalog.pg_identify_object(d.classid, d.objid, 0) as mine
        where planted.schema operator(pg_catalog.=) any(array['public', 'planted'])
            and mine.schema operator(pg_catalog.~) '^unwind'
        """
    ).fetchall()
    assert bound == []
    assert plants.executions(conn) == 0


def test_all_ways_to_undo(hostile: Connection, planted_dsn: str) -> None:
    begin(hostile, "one", 1)
    for workflow in reversed(zoo.WORKFLOWS):
        run = f"one-{workflow}"
        assert hostile.execute("select from unwind.preview_run(%s)", [run]).rowcount > 0
        assert hostile.execute("select * from unwind.compensate_run(%s, force => true)", [run]).rowcount > 0
    begin(hostile, "two", 2)
    begin(hostile, "three", 3)
    runs = [f"{run}-{workflow}" for run in ("two", "three") for workflow in zoo.WORKFLOWS]
    undone = hostile.execute(
        "select * from unwind.compensate_runs(%s::pg_catalog.text[], true)", [runs]
    ).fetchall()
    assert all(count > 0 for _, count, *_ in undone)
    begin(hostile, "four", 4)
    with hostile.transaction():
        hostile.execute("select unwind.act_as('me')")
        hostile.execute("select * from unwind.rewind_run('four-shop', 'order')")
        hostile.execute("select * from unwind.compensate_step('four-shop', 'order')")
    for workflow, first in (("shapes", "egg"), ("keys", "wide")):
        hostile.execute("select * from unwind.rewind_run(%s, %s)", [f"four-{workflow}", first])
        hostile.execute("select * from unwind.compensate_step(%s, %s)", [f"four-{workflow}", first])
    hostile.execute("select * from unwind.compensate_step('four-lines', 'line')")
    begin(hostile, "five", 5)
    for workflow in zoo.WORKFLOWS:
        hostile.execute("call unwind.compensate_run_in_batches(%s, 1, true)", [f"five-{workflow}"])
    begin(hostile, "six", 6)
    with hostile.transaction():
        hostile.execute("select unwind.act_as('me')")
        for workflow in zoo.WORKFLOWS:
            hostile.execute("select unwind.fail_run(%s, 'why')", [f"six-{workflow}"])
        hostile.execute("select unwind.release_claim('six-shop', 'me')")
    assert hostile.execute("call unwind.recover_runs()").fetchone() == (4, 0)
    verified(hostile, "one", "two", "three", "four", "five", "six")


def test_all_refusals(hostile: Connection) -> None:
    begin(hostile, "mine", 1)
    hostile.execute("insert into app.bills values ('theirs', 'o1')")
    hostile.execute("update app.lines set order_id = 'o1' where id operator(pg_catalog.=) 101")
    refused = {
        "select unwind.record_step('none', 'order', 'x')": "UW001",
        "select unwind.record_step('mine-shapes', 'egg', 'x')": "UW009",
        "select unwind.record_step('mine-shapes', 'hen', '1')": "UW008",
        "select unwind.record_step('mine-shop', 'order', '1')": "UW003",
        "select unwind.start_run('none')": "UW008",
        "select unwind.start_run('shop', 'mine-shop')": "UW013",
        "select unwind.compensate_run('mine-shop')": "UW006",
        "select unwind.compensate_run('mine-shop', true)": "UW007",
        "select * from unwind.compensate_runs('{mine-shop,none}', true)": "UW001",
        "call unwind.compensate_run_in_batches('mine-shop', 1, true)": "UW007",
        "select unwind.compensate_step('mine-shapes', 'egg')": "UW012",
        "select unwind.rewind_run('mine-shapes', 'none')": "UW008",
        "select unwind.define_step('shop', 'order', 'app.lines', 'none')": "UW009",
        "select unwind.declare_foreign_key('app.kinds', '{data}', 'app.orders', '{id}')": "UW009",
        "select unwind.drop_foreign_key('app.kinds', '{data}', 'app.orders', '{id}')": "UW009",
        "select unwind.drop_workflow('shop')": "55006",
        "select unwind.check_workflow('none')": "UW008",
    }
    for call, state in refused.items():
        with pytest.raises(psycopg.Error) as error:
            hostile.execute(call.encode())
        assert error.value.sqlstate == state, (call, error.value)
    hostile.execute("delete from app.bills where id operator(pg_catalog.=) 'theirs'")
    with pytest.raises(psycopg.Error, match="belong to run") as guarded:
        hostile.execute("select unwind.compensate_run('mine-shop', true)")
    assert guarded.value.sqlstate == "UW007"
    hostile.execute("alter table app.lines rename column order_id to of_order")
    with pytest.raises(psycopg.Error) as stale:
        hostile.execute("select unwind.compensate_run('mine-shop', true)")
    assert stale.value.sqlstate == "UW009"


def test_all_that_looks_and_defines(hostile: Connection) -> None:
    begin(hostile, "a", 1)
    begin(hostile, "b", 2)
    for workflow in zoo.WORKFLOWS:
        hostile.execute("select * from unwind.check_workflow(%s)", [workflow])
        for form in ("text", "mermaid", "dot"):
            hostile.execute("select unwind.describe_workflow(%s, %s)", [workflow, form])
        hostile.execute("select * from unwind.preview_run(%s)", [f"a-{workflow}"])
        hostile.execute("select * from unwind.verify_run(%s)", [f"a-{workflow}"])
        hostile.execute("select unwind.compile_workflow(%s)", [workflow])
        hostile.execute("select * from unwind.find_orphans(%s)", [workflow])
    hostile.execute("select * from unwind.find_orphans()")
    for table in ("orders", "lines", "eggs", "nodes", "years", "wide", "bills"):
        assert hostile.execute("select unwind.suggest_workflow(%s)", [f"app.{table}"]).rowcount > 0
    for view in ("run_steps", "compensations", "stuck_runs", "backlog", "progress"):
        hostile.execute(f"select * from unwind.{view}".encode())
    assert hostile.execute("select unwind.claim_run('a-keys', 'w', '1 hour')").fetchone() == (True,)
    assert hostile.execute("select unwind.renew_claim('a-keys', 'w', '1 hour')").fetchone() == (True,)
    hostile.execute("select unwind.release_claim('a-keys', 'w')")
    hostile.execute("select unwind.complete_run('b-keys')")
    hostile.execute("select * from unwind.compensate_run('b-keys', true)")
    hostile.execute("select unwind.complete_run('a-lines'), unwind.complete_run('b-lines')")
    assert hostile.execute("select unwind.purge_runs('0 seconds', receipts => true)").fetchone() == (3,)
    hostile.execute("select unwind.drop_foreign_key('app.eggs', '{hen_id}', 'app.hens', '{id}')")
    hostile.execute("select * from unwind.compensate_runs('{a-keys}', true)")
    hostile.execute("select unwind.drop_workflow('lines')")


def test_capture(hostile: Connection) -> None:
    hostile.execute(zoo.CAPTURE)
    hostile.execute("select unwind.bind_role(session_user)")
    for altered in (
        "select",
        "alter table app.wide add extra pg_catalog.text",
        "alter table app.years rename at to since",
    ):
        hostile.execute(altered.encode())
        with hostile.transaction():
            hostile.execute("select unwind.enter_run(unwind.start_run('shop', worker => 'me'), 'me')")
            for table in ("orders", "lines", "parts", "hints", "tags", "years", "wide", "nodes"):
                hostile.execute(f"insert into app.{table} select * from app.{table} where false".encode())
                hostile.execute(f"delete from app.{table}".encode())
            hostile.execute("insert into app.wide values (1, 'w'); update app.wide set name = 'v'")
            hostile.execute("insert into app.years values (1, '2024-01-01'); update app.years set id = 2")
    with pytest.raises(psycopg.Error) as outside:
        hostile.execute("insert into app.wide values (2, 'w')")
    assert outside.value.sqlstate == "UW015"
    hostile.execute("select unwind.unbind_role(session_user)")
    hostile.execute("insert into app.lines values (1, 'a'); insert into app.parts values (1, 1)")
    run = "select unwind.enter_run(unwind.start_run('lines', '{}'))"
    for name, statement in {
        "one": "insert into app.wide values (3, 'w'); update app.lines set order_id = 'b'",
        "two": "update app.lines set order_id = 'c'; delete from app.parts",
        "three": "insert into app.years values (3, '2024-01-01'); insert into app.nodes values"
        " ('00000000-0000-0000-0000-000000000000')",
    }.items():
        with hostile.transaction():
            hostile.execute(run.format(name).encode())
            hostile.execute(statement.encode())
        assert hostile.execute("select * from unwind.find_changes(%s)", [name]).rowcount > 0
    with pytest.raises(psycopg.Error) as changed:
        hostile.execute("select * from unwind.compensate_run('one')")
    assert changed.value.sqlstate == "UW011"
    hostile.execute("select * from unwind.compensate_run('one', on_conflict => 'skip')")
    hostile.execute("select * from unwind.compensate_runs('{two,three}')")
    assert hostile.execute("select order_id from app.lines").fetchall() == [("a",)]
    hostile.execute("update unwind.workflow_runs set status = 'COMPLETED'")
    hostile.execute("select unwind.uncapture_table('app.years', 'app.wide')")


def test_all_scripts(hostile: Connection, psql: Psql) -> None:
    for n, run in enumerate(("a", "b", "c"), start=1):
        begin(hostile, run, n)
    with hostile.transaction():
        hostile.execute("select unwind.act_as('me')")
        hostile.execute("select unwind.fail_run('b-shop', 'why'), unwind.release_claim('b-shop', 'me')")
        hostile.execute("select unwind.fail_run('c-shop', 'why'), unwind.release_claim('c-shop', 'me')")
    hostile.execute("create role planted_user")
    try:
        psql("-v", "role=planted_user", "-v", "as=application", "-f", "sql/dba/grant_access.sql")
    finally:
        hostile.execute("drop owned by planted_user; drop role planted_user")
    assert "b-shop" in psql("-v", "silent=0", "-f", "sql/dba/failed_runs.sql")
    psql("-f", "sql/dba/health.sql")
    psql("-v", "run=a-shop", "-f", "sql/dba/show_run.sql")
    psql("-v", "run=a-shop", "-v", "go=1", "-f", "sql/dba/undo_run.sql", fails=True)
    psql("-v", "run=a-shop", "-v", "force=true", "-v", "go=1", "-f", "sql/dba/undo_run.sql")
    psql("-v", "run=a-shop", "-f", "sql/dba/show_run.sql")
    psql("-v", "workflow=shop", "-v", "go=1", "-f", "sql/dba/undo_failed_runs.sql")
    assert "c-shop" not in psql("-v", "workflow=shop", "-f", "sql/dba/failed_runs.sql")


def test_the_clients_calls(hostile: Connection, planted_dsn: str) -> None:
    with psycopg.connect(planted_dsn, autocommit=True) as conn:
        unwind = Unwind(conn)
        with pytest.raises(ZeroDivisionError), unwind.run("shop") as run:
            with run.step("order", "o1") as work:
                work.execute("insert into app.orders values ('o1')")
            _ = 1 / 0
        assert not unwind.verify_run(run.id)
        with unwind.run("shop") as run, run.step("order", "o2") as work:
            work.execute("insert into app.orders values ('o2')")
        unwind.preview_run(run.id)
        unwind.compensate_run(run.id, force=True)
        unwind.check_workflow("shop")
        unwind.find_orphans()
        unwind.recover_runs()
