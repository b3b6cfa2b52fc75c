"""Every script in sql/dba does what its header says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from templates import holding

SCRIPTS = sorted(path.name for path in (Path(__file__).parents[2] / "sql" / "dba").glob("*.sql"))

SHOP = """
create table orders (id text primary key);
create table lines (order_id text, product text);
create table notes (order_id text);
select unwind.define_workflow('shop');
select unwind.define_step('shop', 'order', 'orders', 'id');
select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'cascade');
select unwind.declare_foreign_key('notes', '{order_id}', 'orders', '{id}', 'restrict');
"""

Run = Callable[..., Any]
Connection = psycopg.Connection[Any]


shop_template = holding(SHOP)


@pytest.fixture
def shop(shop_template: Any, conn: Connection) -> Connection:
    return conn


@pytest.fixture
def psql(dsn: str, shell: Any) -> Run:
    """Return what runs one of the scripts with variables."""

    def run(script: str, **variables: str) -> Any:
        settings = [word for name, value in variables.items() for word in ("-v", f"{name}={value}")]
        return shell(dsn, "psql", "-X", *settings, "-f", f"sql/dba/{script}.sql")

    return run


def start(conn: Connection, run: str, outcome: str = "FAILED", worker: str | None = None) -> None:
    """Make a run of one order with two lines."""
    with conn.transaction():
        conn.execute(
            "select unwind.start_run('shop', run_id => %s, worker => %s, lease => '1 minute')", [run, worker]
        )
        if worker is not None:
            conn.execute("select unwind.act_as(%s)", [worker])
        conn.execute("select unwind.record_step(%s, 'order', %s)", [run, run])
        conn.execute("insert into orders values (%s)", [run])
        conn.execute("insert into lines values (%s, 'pot'), (%s, 'cup')", [run, run])
        if outcome == "FAILED":
            conn.execute("select unwind.fail_run(%s, %s)", [run, f"why {run} failed\nand more"])
        if outcome == "COMPLETED":
            conn.execute("select unwind.complete_run(%s)", [run])


def make_old(conn: Connection, run: str) -> None:
    conn.execute(
        "update unwind.workflow_runs set updated_at = now() - interval '2 hours',"
        " lease_expires_at = lease_expires_at - interval '2 hours' where id = %s",
        [run],
    )
    conn.execute(
        "update unwind_internal.ledger set recorded_at = now() - interval '2 hours' where run_id = %s", [run]
    )


def status(conn: Connection, run: str) -> str:
    row = conn.execute("select status from unwind.workflow_runs where id = %s", [run]).fetchone()
    assert row is not None
    return str(row[0])


def rows(conn: Connection) -> list[int]:
    row = conn.execute("select (select count(*) from orders), (select count(*) from lines)").fetchone()
    assert row is not None
    return list(row)


def contains(output: str, *cells: str) -> bool:
    """Tell whether a line of the output has these cells, beside each other."""
    wanted = " | ".join(cells)
    return any(wanted in re.sub(r"\s+", " ", line) for line in output.splitlines())


# All of them -------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", SCRIPTS)
def test_header_says_how_to_call_it(root: Path, script: str) -> None:
    header = (root / "sql" / "dba" / script).read_text().split("\\set", maxsplit=1)[0]
    assert re.search(rf"^--     psql .*-f sql/dba/{re.escape(script)}$", header, re.M)
    assert all(line.startswith("--") for line in header.splitlines())


@pytest.mark.parametrize("script", ["show_run", "undo_run", "undo_failed_runs", "grant_access"])
def test_without_its_variable_says_how_to_call_it(shop: Connection, psql: Run, script: str) -> None:
    outcome = psql(script)
    assert outcome.status == 3
    assert re.search(rf"^usage: psql -v \w+=<.*> -f sql/dba/{script}.sql$", outcome.output, re.M)


# show_run ----------------------------------------------------------------------------------------


def test_show_run_shows_what_is_left_and_changes_nothing(shop: Connection, psql: Run) -> None:
    start(shop, "r1")
    outcome = psql("show_run", run="r1")
    assert outcome.status == 0
    assert contains(outcome.output, "status", "FAILED")
    assert contains(outcome.output, "order", "{r1}")
    assert contains(outcome.output, "1", "order", "public.lines", "2")
    assert (status(shop, "r1"), rows(shop)) == ("FAILED", [1, 2])


def test_show_run_shows_the_receipts_of_an_undone_run(shop: Connection, psql: Run) -> None:
    start(shop, "r1")
    shop.execute("select unwind.compensate_run('r1')")
    outcome = psql("show_run", run="r1")
    assert outcome.status == 0
    assert contains(outcome.output, "1", "order", "public.lines", "2")
    assert "What is left of it" in outcome.output


def test_show_run_of_an_unknown_run_fails(shop: Connection, psql: Run) -> None:
    outcome = psql("show_run", run="r1")
    assert outcome.status == 3
    assert "run 'r1' not found" in outcome.output


# undo_run ----------------------------------------------------------------------------------------


def test_undo_run_undoes_and_shows_the_same_receipts_again(shop: Connection, psql: Run) -> None:
    start(shop, "r1")
    start(shop, "r2", "COMPLETED")
    for _ in range(2):
        outcome = psql("undo_run", run="r1")
        assert outcome.status == 0, outcome.output
        assert contains(outcome.output, "2", "order", "public.orders", "1")
        assert "Run r1 is undone." in outcome.output
        assert (status(shop, "r1"), rows(shop)) == ("COMPENSATED", [1, 2])


def test_undo_run_of_a_completed_run_needs_force(shop: Connection, psql: Run) -> None:
    start(shop, "r1", "COMPLETED")
    outcome = psql("undo_run", run="r1")
    assert outcome.status == 3
    assert "run 'r1' is COMPLETED" in outcome.output
    assert (status(shop, "r1"), rows(shop)) == ("COMPLETED", [1, 2])

    assert psql("undo_run", run="r1", force="true").status == 0
    assert (status(shop, "r1"), rows(shop)) == ("COMPENSATED", [0, 0])


def test_undo_run_rolls_back_where_rows_are_left(shop: Connection, psql: Run) -> None:
    start(shop, "r1")
    shop.execute(
        "create function keep() returns trigger language plpgsql as 'begin return null; end';"
        "create trigger keep before delete on lines for each row execute function keep()"
    )
    outcome = psql("undo_run", run="r1")
    assert outcome.status == 3
    assert "is undone" not in outcome.output
    assert (status(shop, "r1"), rows(shop)) == ("FAILED", [1, 2])


# failed_runs -------------------------------------------------------------------------------------


def test_failed_runs_lists_what_waits_with_its_reason(shop: Connection, psql: Run) -> None:
    start(shop, "failed")
    start(shop, "well", "COMPLETED")
    start(shop, "busy", "RUNNING")
    start(shop, "claimed", "RUNNING", worker="w")
    for run in ("quiet", "expired"):
        start(shop, run, "RUNNING", worker="w" if run == "expired" else None)
        make_old(shop, run)
    outcome = psql("failed_runs")
    assert outcome.status == 0
    for run, reason in (("failed", "failed"), ("quiet", "silent"), ("expired", "lease expired")):
        assert contains(outcome.output, f"{run} | shop | | {reason}")
        assert f"psql -v run={run} -f sql/dba/undo_run.sql" in outcome.output
    assert contains(outcome.output, "why failed failed", "psql")
    assert "(3 rows)" in outcome.output


def test_failed_runs_tells_what_pauses_and_what_was_given_up(shop: Connection, psql: Run) -> None:
    for run in ("pauses", "hopeless", "theirs"):
        start(shop, run, worker="w" if run == "theirs" else None)
    shop.execute("insert into notes values ('pauses'), ('hopeless')")
    shop.execute("update unwind.workflow_runs set retry_count = 4 where id = 'hopeless'")
    shop.execute("call unwind.recover_runs()")
    output = psql("failed_runs").output
    assert contains(output, "pauses | shop | | pausing | 1")
    assert contains(output, "hopeless | shop | | gave up | 5")
    assert contains(output, "compensation failed: [UW007] rows of public.notes still refer")
    assert "(2 rows)" in output, "a failed run under a live claim is its worker's"


def test_failed_runs_goes_on_in_batches_with_what_was_begun_in_batches(
    shop: Connection, psql: Run, shell: Any, dsn: str
) -> None:
    start(shop, "it's half undone", "RUNNING")
    shop.execute("select unwind_internal.begin_batches('it''s half undone', false, 'at work')")
    assert "(0 rows)" in psql("failed_runs").output, "somebody is at it"
    shop.execute("update unwind.workflow_runs set lease_expires_at = now() - interval '1 second'")
    listed = psql("failed_runs").output
    assert contains(listed, "shop | | half undone | 0")
    assert "(1 row)" in listed
    command = re.search(r"psql -c .*;'", listed)
    assert command is not None
    outcome = shell(dsn, command[0])
    assert outcome.status == 0, outcome.output
    assert (status(shop, "it's half undone"), rows(shop)) == ("COMPENSATED", [0, 0])


def test_failed_runs_can_be_asked_for_one_workflow_or_less_silence(shop: Connection, psql: Run) -> None:
    start(shop, "r1")
    start(shop, "quiet", "RUNNING")
    make_old(shop, "quiet")
    assert "(2 rows)" in psql("failed_runs", workflow="shop").output
    shop.execute("select unwind.define_workflow('other')")
    assert "(0 rows)" in psql("failed_runs", workflow="other").output
    assert "(1 row)" in psql("failed_runs", silent="3 hours").output


def test_the_command_that_failed_runs_prints_works_for_any_run_id(
    shop: Connection, psql: Run, shell: Any, dsn: str
) -> None:
    start(shop, "it's; a $run")
    command = re.search(r"psql -v run=.*\.sql", psql("failed_runs").output)
    assert command is not None
    outcome = shell(dsn, command[0])
    assert outcome.status == 0, outcome.output
    assert status(shop, "it's; a $run") == "COMPENSATED"


# undo_failed_runs --------------------------------------------------------------------------------


def test_undo_failed_runs_undoes_the_failed_ones_only(shop: Connection, psql: Run) -> None:
    for run in ("r1", "r2"):
        start(shop, run)
    start(shop, "well", "COMPLETED")
    start(shop, "busy", "RUNNING")
    start(shop, "claimed", "FAILED", worker="w")
    outcome = psql("undo_failed_runs", workflow="shop")
    assert outcome.status == 0, outcome.output
    assert contains(outcome.output, "r1", "3") and contains(outcome.output, "r2", "3")
    assert "Runs undone: 2" in outcome.output
    assert [status(shop, run) for run in ("r1", "r2")] == ["COMPENSATED"] * 2
    assert [status(shop, run) for run in ("well", "busy", "claimed")] == ["COMPLETED", "RUNNING", "FAILED"]
    assert "Runs undone: 0" in psql("undo_failed_runs", workflow="shop").output


def test_undo_failed_runs_with_a_limit_takes_the_newest(shop: Connection, psql: Run) -> None:
    for run in ("r1", "r2", "r3"):
        start(shop, run)
    outcome = psql("undo_failed_runs", workflow="shop", limit="2")
    assert "Runs undone: 2" in outcome.output, outcome.output
    assert [status(shop, run) for run in ("r1", "r2", "r3")] == ["FAILED", "COMPENSATED", "COMPENSATED"]


def test_undo_failed_runs_is_all_or_none(shop: Connection, psql: Run) -> None:
    for run in ("r1", "r2"):
        start(shop, run)
    shop.execute("insert into notes values ('r1')")
    outcome = psql("undo_failed_runs", workflow="shop")
    assert outcome.status == 3
    assert "rows of public.notes still refer" in outcome.output
    assert [status(shop, run) for run in ("r1", "r2")] == ["FAILED"] * 2


def test_undo_failed_runs_of_an_unknown_workflow_fails(shop: Connection, psql: Run) -> None:
    outcome = psql("undo_failed_runs", workflow="ship")
    assert outcome.status == 3
    assert "workflow 'ship' is not defined" in outcome.output


# health ------------------------------------------------------------------------------------------


def test_health_shows_findings_orphans_and_runs(shop: Connection, psql: Run) -> None:
    start(shop, "r1")
    shop.execute("insert into lines values ('nobody', 'spoon')")
    outcome = psql("health")
    assert outcome.status == 0, outcome.output
    assert contains(outcome.output, "shop", "FAILED", "1")
    assert contains(outcome.output, "fix", "create index concurrently on public.lines (order_id);")
    assert contains(outcome.output, "public.lines", "order_id", "public.orders", "id", "1", "{nobody}")


# grant_access ------------------------------------------------------------------------------------


@pytest.fixture
def role(shop: Connection) -> Iterator[str]:
    """Return a new role with rights on the shop's tables; roles belong to the server, so it is dropped."""
    name = f"docs_{uuid4().hex[:12]}"
    shop.execute(f"create role {name}".encode())
    try:
        shop.execute(f"grant usage on schema public to {name}".encode())
        shop.execute(f"grant select, insert, delete on orders, lines, notes to {name}".encode())
        # A careful DBA's database: nobody may call what was not given to them.
        shop.execute(
            b"revoke execute on all functions in schema unwind, unwind_internal, unwind_compiled from public;"
            b"alter default privileges revoke execute on functions from public"
        )
        yield name
    finally:
        shop.execute(f"reset role; drop owned by {name}; drop role {name}".encode())


def whole_path(conn: Connection, run: str) -> None:
    """Do all that an application does, in both directions."""
    start(conn, f"{run}-well", "COMPLETED")
    start(conn, f"{run}-step", "RUNNING", worker="w")
    start(conn, run)
    with conn.transaction():
        conn.execute("select unwind.act_as('w')")
        conn.execute("select unwind.compensate_step(%s, 'order')", [f"{run}-step"])
    for function in ("preview_run", "compensate_run", "verify_run"):
        conn.execute(f"select * from unwind.{function}(%s)".encode(), [run])
    conn.execute("select unwind.compensate_runs(%s, force => true)", [[f"{run}-well", f"{run}-step"]])
    conn.execute("select unwind.find_orphans(), unwind.describe_workflow('shop')")
    conn.execute("select from unwind.workflow_runs, unwind.run_steps, unwind.compensations")


def test_grant_access_gives_a_role_the_whole_path(shop: Connection, psql: Run, role: str) -> None:
    shop.execute(f"set role {role}".encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        whole_path(shop, "r1")

    shop.execute("reset role")
    for _ in range(2):
        outcome = psql("grant_access", role=role, **{"as": "application"})
        assert outcome.status == 0, outcome.output
    shop.execute(f"set role {role}".encode())
    whole_path(shop, "r2")
    assert status(shop, "r2") == "COMPENSATED"
    assert rows(shop) == [0, 0]


def test_grant_access_counts_for_workflows_defined_later(shop: Connection, psql: Run, role: str) -> None:
    assert psql("grant_access", role=role, **{"as": "application"}).status == 0
    shop.execute(
        "select unwind.define_workflow('later'), unwind.define_step('later', 'order', 'orders', 'id')"
    )
    shop.execute(f"set role {role}".encode())
    shop.execute("select unwind.start_run('later', run_id => 'r1')")
    shop.execute("select unwind.compensate_run('r1')")
    assert status(shop, "r1") == "COMPENSATED"


@pytest.mark.parametrize(
    "statement",
    [
        "select unwind.define_workflow('mine')",
        "select unwind.define_step('shop', 'more', 'lines', 'order_id')",
        "select unwind.compile_workflow('shop')",
        "select unwind.drop_workflow('shop')",
        "delete from unwind.workflow_runs",
        "update unwind_internal.receipts set counts = '{}'",
        "delete from unwind_internal.receipts",
    ],
)
def test_grant_access_leaves_definitions_and_history_to_the_owner(
    shop: Connection, psql: Run, role: str, statement: str
) -> None:
    assert psql("grant_access", role=role, **{"as": "application"}).status == 0
    shop.execute(f"set role {role}".encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        shop.execute(statement.encode())
