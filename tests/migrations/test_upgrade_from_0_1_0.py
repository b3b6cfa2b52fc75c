"""An upgrade from the released 0.1.0 with runs in flight: they end well, and the old client goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgunwind import manifest, migrate

Connection = psycopg.Connection[Any]
HERE = Path(__file__).parent
WHEEL = HERE / "released" / "pgunwind-0.1.0-py3-none-any.whl"
NEW = HERE.parents[1] / "sql"

SHOP = """
create table orders (id text primary key);
create table lines (id int generated always as identity primary key, order_id text);
create index on lines (order_id);
create function stop() returns trigger language plpgsql as $$
begin
    if (select count(*) from lines where order_id = 'half') < 2 then raise 'stop'; end if;
    return old;
end $$;
create trigger stop before delete on lines
for each row when (old.order_id = 'half') execute function stop();
select unwind.define_workflow('w');
select unwind.define_step('w', 'order', 'orders', 'id');
select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'cascade');
"""
OLD_CLIENT = """
import sys, pgunwind
from pgunwind import Unwind
assert sys.argv[2] in pgunwind.__file__, pgunwind.__file__
unwind = Unwind(sys.argv[1])
with unwind.run("w", run_id=sys.argv[3] + "-well") as run:
    with run.step("order", sys.argv[3] + "-well") as conn:
        conn.execute("insert into orders values (%s)", [sys.argv[3] + "-well"])
try:
    with unwind.run("w", run_id=sys.argv[3] + "-ill") as run:
        with run.step("order", sys.argv[3] + "-ill") as conn:
            conn.execute("insert into orders values (%s)", [sys.argv[3] + "-ill"])
        raise ValueError("meant")
except ValueError:
    pass
assert [left for left in unwind.verify_run(sys.argv[3] + "-ill")] == []
unwind.compensate_run(sys.argv[3] + "-well", force=True)
if sys.argv[3] != "before":  # of 0.1.0 that is the owner's
    unwind.recover_runs()
"""


def by_psql(dsn: str, pg_bin: Path, notices: list[str]) -> None:
    done = subprocess.run(
        [pg_bin / "psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", dsn, "-f", NEW / "install.sql"],
        capture_output=True,
        text=True,
        check=False,
    )
    notices.append(done.stderr)
    assert done.returncode == 0, done.stderr


def by_manifest(dsn: str, pg_bin: Path, notices: list[str]) -> None:
    with psycopg.connect(dsn) as conn:
        conn.add_notice_handler(
            lambda n: notices.append(f"{n.severity}: {n.message_primary} {n.message_hint}")
        )
        manifest.install(conn)


def by_alembic(dsn: str, pg_bin: Path, notices: list[str]) -> None:
    migrate.upgrade(dsn)


Upgrade = Callable[[str, Path, list[str]], None]


class Old:
    """A database of version 0.1.0, with an application let in by its own script, and its client."""

    def __init__(self, dsn: str, folder: Path, pg_bin: Path, connect: Any) -> None:
        zipfile.ZipFile(WHEEL).extractall(folder)
        self.dsn, self.folder, self.pg_bin = dsn, folder, pg_bin
        self.owner: Connection = connect(dsn)
        self.role = f"app_{self.owner.info.dbname}"
        self.psql(folder / "pgunwind/sql/install.sql")
        self.owner.execute(f'create role "{self.role}" login'.encode())
        self.owner.execute(SHOP)
        self.psql(folder / "pgunwind/sql/dba/grant_access.sql", f"role={self.role}")
        self.owner.execute(
            f'grant usage on schema public to "{self.role}";'
            f'grant select, insert, delete on orders, lines to "{self.role}"'.encode()
        )
        self.app: Connection = connect(dsn)
        self.app.execute(f'set session authorization "{self.role}"'.encode())

    def psql(self, script: Path, *variables: str) -> str:
        """Run a script as the owner."""
        settings = [word for variable in variables for word in ("-v", variable)]
        done = subprocess.run(
            [
                self.pg_bin / "psql",
                "-X",
                "-q",
                "-d",
                self.dsn,
                "-v",
                "ON_ERROR_STOP=1",
                *settings,
                "-f",
                script,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def client(self, prefix: str) -> None:
        """Start, step, complete, undo and sweep, by the old client in a process of its own."""
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                OLD_CLIENT,
                make_conninfo(self.dsn, user=self.role),
                str(self.folder),
                prefix,
            ],
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def run(self, run: str, session: Connection, worker: str | None = None) -> None:
        """Make a run of one order with three lines, as an application of that time did."""
        session.execute("select unwind.start_run('w', %s, worker => %s)", [run, worker])
        with session.transaction():
            session.execute("select unwind.act_as(%s)", [worker or ""])
            session.execute("select unwind.record_step(%s, 'order', %s)", [run, run])
            session.execute("insert into orders values (%s)", [run])
            session.execute("insert into lines (order_id) values (%s), (%s), (%s)", [run] * 3)

    def status(self, run: str) -> str:
        """Return the status of a run."""
        return str(self.one("select status from unwind.workflow_runs where id = %s", run))

    def left(self, run: str) -> int:
        """Return how many rows of a run there are."""
        return int(self.one("select count(*) from lines where order_id = %s", run)) + int(
            self.one("select count(*) from orders where id = %s", run)
        )

    def one(self, query: str, *values: Any) -> Any:
        """Return the one value that a query of the owner returns."""
        found = self.owner.execute(query.encode(), values or None).fetchone()
        assert found is not None
        return found[0]


@pytest.fixture
def old(bare_dsn: str, tmp_path: Path, pg_bin: Path, connect: Any) -> Iterator[Old]:
    """Version 0.1.0, with a run in every state."""
    made = Old(bare_dsn, tmp_path / "old", pg_bin, connect)
    try:
        for run in ("failed", "undone", "well", "half"):
            made.run(run, made.app)
        made.app.execute("select unwind.fail_run('failed', 'x'), unwind.complete_run('well')")
        made.app.execute("select unwind.compensate_run('undone')")
        with pytest.raises(psycopg.Error, match="stop"):
            made.owner.execute("call unwind.compensate_run_in_batches('half', batch_size => 1)")
        made.owner.execute("drop trigger stop on lines")
        assert (made.status("half"), made.left("half")) == ("COMPENSATING", 2)
        yield made
    finally:
        made.owner.execute(f'drop owned by "{made.role}"; drop role "{made.role}"'.encode())


CATALOG = """
select p.oid::regprocedure::text, p.proargnames, pg_get_function_result(p.oid), p.prosrc, p.prosecdef,
    p.proconfig
from pg_proc as p
where p.pronamespace::regnamespace::text in ('unwind', 'unwind_internal')
order by 1
"""
COLUMNS = """
select a.attrelid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    pg_get_expr(d.adbin, d.adrelid)
from pg_attribute as a
inner join pg_class as c on c.oid = a.attrelid
left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
where c.relnamespace::regnamespace::text like 'unwind%' and a.attnum > 0 and not a.attisdropped
    and c.relname <> 'alembic_version' and c.relname not like 'alembic%'
order by 1, 2
"""


@pytest.mark.parametrize("upgrade", [by_psql, by_manifest, by_alembic])
def test_an_upgraded_engine_is_the_one_that_a_new_installation_makes(
    bare_dsn: str, tmp_path: Path, pg_bin: Path, connect: Any, conn: Connection, upgrade: Upgrade
) -> None:
    old = Old(bare_dsn, tmp_path / "old", pg_bin, connect)
    try:
        upgrade(bare_dsn, pg_bin, [])
        upgrade(bare_dsn, pg_bin, [])
        for query in (CATALOG, COLUMNS):
            assert old.owner.execute(query.encode()).fetchall() == conn.execute(query.encode()).fetchall()
        generated = (
            "select proname from pg_proc where pronamespace = 'unwind_compiled'::regnamespace order by 1"
        )
        assert old.owner.execute(generated.encode()).fetchall() == [
            ("compensate_many_w",),
            ("compensate_one_w",),
            ("have_found",),
            ("images_of",),
            ("logs_of",),
            ("record",),
            ("record_w",),
            ("undo_many",),
            ("undo_one",),
        ]
    finally:
        old.owner.execute(f'drop owned by "{old.role}"; drop role "{old.role}"'.encode())


@pytest.mark.parametrize("upgrade", [by_psql, by_manifest, by_alembic])
def test_old_runs_end_well_are_undone_and_swept_and_the_old_client_goes_on(
    old: Old, pg_bin: Path, connect: Any, in_background: Any, upgrade: Upgrade
) -> None:
    old.client("before")
    step = connect(old.dsn)
    step.execute(f'set session authorization "{old.role}"'.encode())
    step.execute("select unwind.start_run('w', 'flying', worker => 'w')")
    step.execute("begin; select unwind.act_as('w'); select unwind.record_step('flying', 'order', 'flying')")
    notices: list[str] = []
    upgrading = in_background(upgrade, old.dsn, pg_bin, notices)
    deadline = time.monotonic() + 30
    while not old.one("select exists (select from pg_locks where not granted)") and not upgrading.done():
        assert time.monotonic() < deadline
    step.execute("insert into orders values ('flying'); commit")
    upgrading.result(timeout=120)

    # The step that was open is there, and its worker goes on over the connection that it had.
    with step.transaction():
        step.execute("select unwind.act_as('w')")
        step.execute("select unwind.record_step('flying', 'order', 'flying-2')")
        step.execute("insert into orders values ('flying-2')")
        step.execute("select unwind.complete_run('flying')")
    assert (old.status("flying"), old.left("flying")) == ("COMPLETED", 1)

    old.app.execute("call unwind.recover_runs()")
    assert (old.status("failed"), old.left("failed")) == ("COMPENSATED", 0)
    old.app.execute("call unwind.compensate_run_in_batches('half')")
    assert (old.status("half"), old.left("half")) == ("COMPENSATED", 0)
    assert old.one("select sum(rows_deleted) from unwind.compensations where run_id = 'half'") == 4
    old.app.execute("select * from unwind.compensate_run('well', force => true)")
    assert (old.status("well"), old.left("well")) == ("COMPENSATED", 0)
    receipts = "select count(*), min(compensated_by) from unwind.compensations where run_id = 'undone'"
    assert old.owner.execute(receipts.encode()).fetchone() == (2, old.role)
    old.client("after")
    if upgrade is not by_alembic:
        [warned] = [text for text in notices if "is an operator now" in text]
        assert old.role in warned and f"grant_access('{old.role}', 'application')" in warned


def test_the_old_role_writes_no_table_any_more_and_can_be_narrowed(old: Old, pg_bin: Path) -> None:
    old.app.execute("update unwind.workflow_runs set last_error = 'mine' where id = 'well'")
    by_manifest(old.dsn, pg_bin, [])
    for statement in (
        "update unwind.workflow_runs set status = 'FAILED'",
        "insert into unwind_internal.ledger (run_id, step, entity_key) values ('well', 'order', '{x}')",
        "insert into unwind.entity_owners values ('orders', '{id}', '{x}', 'well')",
        "update unwind_internal.receipts set counts = '{}'",
        "update unwind.workflows set description = 'mine'",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            old.app.execute(statement.encode())
    assert old.one("select access from unwind_internal.granted_access()") == "operator"

    old.psql(NEW / "dba/grant_access.sql", f"role={old.role}", "as=application")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="'failed'"):
        old.app.execute("select * from unwind.compensate_run('failed')")
    old.client("narrow")
    by_manifest(old.dsn, pg_bin, [])
    assert old.one("select access from unwind_internal.granted_access()") == "application"
    assert old.one("select count(*) from pg_default_acl where defaclnamespace <> 0") == 0


def test_columns_by_which_entities_were_owned_are_known_though_their_workflow_is_gone(
    old: Old, pg_bin: Path
) -> None:
    old.owner.execute("""
        select unwind.define_workflow('x'), unwind.define_step('x', 'line', 'lines', 'order_id');
        select unwind.start_run('x', 'x'), unwind.record_step('x', 'line', 'x'), unwind.complete_run('x');
        select unwind.drop_workflow('x');
    """)
    by_manifest(old.dsn, pg_bin, [])
    rows = old.owner.execute("select root_table::text, key_columns from unwind_internal.owning_columns")
    assert sorted(rows.fetchall()) == [("lines", ["order_id"]), ("orders", ["id"])]
