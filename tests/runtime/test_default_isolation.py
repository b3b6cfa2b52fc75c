"""Where transactions are REPEATABLE READ or SERIALIZABLE by default, runs are undone all the same.

What begins its transactions itself (client, procedures, scripts, installations) begins them in READ
COMMITTED; a function cannot, and its hint says how.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

import ways
from pgunwind import Unwind, manifest, migrate

Connect = Callable[..., psycopg.Connection[Any]]
LEVELS = ("repeatable read", "serializable")
BY_THEMSELVES = ("in_batches", "recover_runs", "undo_run_script", "client_run")
INSTALL = Path(__file__).parents[2] / "sql" / "install.sql"


def by_default(conn: psycopg.Connection[Any], level: str) -> None:
    """Every session that begins from now on has this level."""
    conn.execute(
        f"alter database \"{conn.info.dbname}\" set default_transaction_isolation = '{level}'".encode()
    )


@pytest.fixture(params=LEVELS)
def snapshots(db: Any, request: pytest.FixtureRequest) -> Any:
    """A run, and whoever connects now has this level by default."""
    db.run("r")
    by_default(db.conn, request.param)
    return db


@pytest.mark.parametrize("way", [way for way in ways.ALL if way.name in BY_THEMSELVES], ids=str)
def test_what_begins_its_own_transactions_undoes_the_run(
    snapshots: Any, dsn: str, pg_bin: Path, way: ways.Way
) -> None:
    way(ways.Target(dsn, pg_bin), ["r"])
    assert (snapshots.status("r"), snapshots.rows_left()) == ("COMPENSATED", 0)


@pytest.mark.parametrize("way", [way for way in ways.ALL if way.name not in BY_THEMSELVES], ids=str)
def test_a_function_says_what_to_type(
    snapshots: Any, dsn: str, pg_bin: Path, connect: Connect, way: ways.Way
) -> None:
    with pytest.raises(ways.Refused, match="set default_transaction_isolation = 'read c") as refused:
        way(ways.Target(dsn, pg_bin), ["r"])
    assert refused.value.sqlstate == "UW010"
    session = connect()
    session.execute("set default_transaction_isolation = 'read committed';")
    session.execute("select * from unwind.compensate_run('r')")
    assert snapshots.rows_left() == 0


def test_sweeps_undo_step_by_step_and_record_failures_too(snapshots: Any, connect: Connect) -> None:
    snapshots.run("blocked")
    snapshots.conn.execute("insert into parcels values (9, 9, 'o-blocked')")
    for run in ("r", "blocked"):
        snapshots("select unwind.fail_run(%s, 'no')", run)
    assert connect().execute("call unwind.recover_runs()").fetchone() == (1, 1)
    assert snapshots.value("select retry_count from unwind.workflow_runs where id = 'blocked'") == 1


@pytest.mark.parametrize(
    "options",
    [
        {"autocommit": True},
        {"autocommit": False},
        {"autocommit": False, "isolation_level": psycopg.IsolationLevel.SERIALIZABLE},
    ],
    ids=str,
)
def test_the_client_defines_checks_and_undoes_on_any_connection(
    snapshots: Any, connect: Connect, options: dict[str, Any]
) -> None:
    level = options.pop("isolation_level", None)
    connection = connect(**options)
    connection.isolation_level = level
    unwind = Unwind(connection)
    unwind.define_workflow("other")
    unwind.define_step("other", "order", "orders", "id")
    unwind.drop_foreign_key("lines", ["order_id"], "orders", ["id"])
    unwind.declare_foreign_key("lines", ["order_id"], "orders", ["id"])
    unwind.compile_workflow("other")
    assert {finding.code for finding in unwind.check_workflow("other")} == {"default_isolation"}
    unwind.drop_workflow("other")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), unwind.run("w") as run:
            with run.step("order", "o1") as step:
                step.execute("insert into orders values ('o1')")
            raise ZeroDivisionError
        assert run.result.status == "COMPENSATED"
    snapshots.run("s")
    unwind.compensate_step("s", "parcel")
    unwind.rewind_run("s", "order")
    assert [total.rows_deleted for total in unwind.compensate_runs(["r", "s"])] == [4, 4]
    assert connection.isolation_level == level


@pytest.mark.parametrize("whose", ["database", "role", "role in database", "session"])
def test_a_check_warns_and_its_fix_is_the_cure(db: Any, connect: Connect, whose: str) -> None:
    database = db.conn.info.dbname
    role = f"reader_{database}"
    db.conn.execute(f'create role "{role}"')
    try:
        session = connect()
        session.execute(
            {
                "database": f'alter database "{database}" ',
                "role": f'alter role "{role}" ',
                "role in database": f'alter role "{role}" in database "{database}" ',
                "session": "",
            }[whose].encode()
            + b"set default_transaction_isolation = 'serializable'"
        )
        # A session has what was its default when it began. Roles are the server's: other tests have theirs.
        mine = {"database": database, "session": "this session"}.get(whose, role)
        found = "select severity, code, fix from unwind.check_workflow('w') where strpos(object, %s) > 0"
        session = session if whose == "session" else connect()
        with session.transaction():
            session.execute("set transaction isolation level read committed")
            [(severity, code, fix)] = session.execute(found, [mine]).fetchall()
            assert whose == "session" or session.execute(found, ["this session"]).fetchall() == []
        assert (severity, code) == ("warning", "default_isolation")
        session.execute(fix.encode())
        session = session if whose == "session" else connect()
        assert session.execute(found, [mine]).fetchall() == []
    finally:
        db.conn.execute(f'drop role "{role}"')


def psql(pg_bin: Path, dsn: str, *arguments: str | Path) -> str:
    """What psql says on its second channel; it has to succeed."""
    done = subprocess.run(
        [pg_bin / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", dsn, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(params=LEVELS)
def bare(bare_dsn: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database whose sessions have this level by default."""
    with psycopg.connect(bare_dsn, autocommit=True) as conn:
        by_default(conn, request.param)
    yield bare_dsn


def test_every_way_to_install_works(bare: str, pg_bin: Path, tmp_path: Path) -> None:
    script = tmp_path / "upgrade.sql"
    script.write_text(migrate.offline_script())
    for install in (
        lambda: psql(pg_bin, bare, "-1", "-f", INSTALL),
        lambda: psql(pg_bin, bare, "-f", INSTALL),
        lambda: migrate.upgrade(bare),
        lambda: migrate.downgrade(bare),
        lambda: psql(pg_bin, bare, "-f", script),
    ):
        assert "WARNING" not in (install() or "")
    with psycopg.connect(bare) as conn:
        manifest.install(conn)
