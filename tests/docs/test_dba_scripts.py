"""Every script in sql/dba does what its header says."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from templates import holding

SCRIPTS = sorted(path.name for path in (Path(__file__).parents[2] / "sql" / "dba").glob("*.sql"))

CHANGING = {
    "undo_run": {"run": "r1"},
    "undo_failed_runs": {"workflow": "shop"},
    "undo_incident": {"workflow": "shop", "since": "yesterday", "until": "tomorrow"},
    "recover": {"workflow": "shop"},
    "uninstall": {},
}
"""What changes something, each with variables that mean run r1, or all."""
LOOKING = {
    "failed_runs": {},
    "show_run": {"run": "r1"},
    "health": {},
    "orphans": {"workflow": "shop"},
    "progress": {},
}
RESTORING = {"restore_run": {"run": "r1"}}
"""What changes runs that are undone."""

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
    header, settings, _ = (root / "sql" / "dba" / script).read_text().partition("\\ir parts/settings.sql\n")
    assert settings
    assert re.search(rf"^--     psql .*-f {re.escape(script)}$", header, re.M)
    assert all(line.startswith("--") for line in header.splitlines())


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_pager_keeps_a_transaction_open_and_no_context_buries_a_message(
    shop: Connection, dsn: str, shell: Any, script: str
) -> None:
    at_a_terminal = "import pty, sys; pty.spawn(sys.argv[1:])"
    variables = [f"-v{name}=none" for name in ("run", "workflow", "role", "as")]
    psql = ["psql", "-X", "-P", "pager=always", *variables, "-f", f"sql/dba/{script}"]
    pager = "PSQL_PAGER=cat; echo a key was waited for"
    outcome = shell(dsn, "env", pager, sys.executable, "-c", at_a_terminal, *psql)
    assert "ERROR" in outcome.output or "row: none" in outcome.output or "(0 rows)" in outcome.output
    assert "a key was waited for" not in outcome.output
    assert "CONTEXT" not in outcome.output


@pytest.mark.parametrize("around", ["begin", "-1", "AUTOCOMMIT off"])
@pytest.mark.parametrize("go", ["0", "1"])
@pytest.mark.parametrize("script", sorted([*CHANGING, *RESTORING]))
def test_a_script_that_commits_is_refused_inside_a_transaction(
    shop: Connection, dsn: str, shell: Any, script: str, around: str, go: str
) -> None:
    start(shop, "r1")
    window = "-v since=yesterday -v until=tomorrow"
    call = f"-v go={go} -v run=r1 -v workflow=shop {window} -v ON_ERROR_STOP=1 -X -f sql/dba/{script}.sql"
    outcome = shell(
        dsn,
        {
            "begin": f"psql -c begin {call} -c rollback",
            "-1": f"psql -1 {call}",
            "AUTOCOMMIT off": f"psql -v AUTOCOMMIT=off {call}",
        }[around],
    )
    assert outcome.status != 0
    assert "cannot run inside a transaction" in outcome.output
    assert (status(shop, "r1"), rows(shop)) == ("FAILED", [1, 2])


@pytest.mark.parametrize(
    "script", ["show_run", "undo_run", "undo_failed_runs", "undo_incident", "restore_run", "grant_access"]
)
def test_without_its_variable_says_how_to_call_it(shop: Connection, psql: Run, script: str) -> None:
    outcome = psql(script)
    assert outcome.status == 3
    assert re.search(rf"^usage: psql -v \w+=<.*> -f {script}.sql$", outcome.output, re.M)


@pytest.mark.parametrize("script", SCRIPTS)
def test_header_says_when(root: Path, script: str) -> None:
    assert re.search(r"^-- When: ", (root / "sql" / "dba" / script).read_text(), re.M)


def test_these_are_all_scripts() -> None:
    assert {f"{name}.sql" for name in (*CHANGING, *RESTORING, *LOOKING, "grant_access")} == set(SCRIPTS)


@pytest.mark.parametrize("script", CHANGING)
def test_without_go_nothing_is_changed_and_it_says_so(shop: Connection, psql: Run, script: str) -> None:
    start(shop, "r1")
    outcome = psql(script, **CHANGING[script])
    assert outcome.status == 0, outcome.output
    assert "Nothing is changed." in outcome.output and "with -v go=1" in outcome.output
    assert (status(shop, "r1"), rows(shop)) == ("FAILED", [1, 2])


@pytest.mark.parametrize("script", [name for name in CHANGING if name != "uninstall"])
def test_with_go_it_is(shop: Connection, psql: Run, script: str) -> None:
    start(shop, "r1")
    outcome = psql(script, go="1", **CHANGING[script])
    assert outcome.status == 0, outcome.output
    assert (status(shop, "r1"), rows(shop)) == ("COMPENSATED", [0, 0])


@pytest.mark.parametrize("script", [name for name in CHANGING if name != "uninstall"])
def test_no_script_waits_for_ever(shop: Connection, psql: Run, script: str, connect: Any) -> None:
    start(shop, "r1")
    other = connect(autocommit=False)
    other.execute("lock table orders in share mode")
    outcome = psql(script, go="1", lock_timeout="100ms", **CHANGING[script])
    assert "lock timeout" in outcome.output, outcome.output
    other.rollback()
    assert (status(shop, "r1"), rows(shop)) == ("FAILED", [1, 2])


def test_the_wait_is_ten_seconds_unless_the_session_has_said_how_long(
    shop: Connection, dsn: str, shell: Any
) -> None:
    show = "psql -X -At -f sql/dba/progress.sql -c 'show lock_timeout'"
    assert shell(dsn, show).output.splitlines()[-1] == "10s"
    assert shell(dsn, f"PGOPTIONS='-c lock_timeout=3s' {show}").output.splitlines()[-1] == "3s"


@pytest.mark.parametrize("script", [*LOOKING, *CHANGING, *RESTORING])
def test_a_database_without_the_engine_is_an_error_that_changes_nothing(
    bare_dsn: str, shell: Any, script: str
) -> None:
    words = [f"-v{name}={value}" for name, value in {**LOOKING, **CHANGING, **RESTORING}[script].items()]
    outcome = shell(bare_dsn, "psql", "-X", "-vgo=1", *words, "-f", f"sql/dba/{script}.sql")
    assert outcome.status == 3
    assert "ERROR" in outcome.output and "does not exist" in outcome.output


@pytest.mark.parametrize(
    ("access", "scripts"),
    [
        ("viewer", [*LOOKING]),
        ("operator", [*LOOKING, "undo_run", "undo_failed_runs", "undo_incident", "recover"]),
    ],
)
def test_who_was_let_in_may_run_the_scripts_of_his_kind(
    shop: Connection, dsn: str, role: str, shell: Any, psql: Run, access: str, scripts: list[str]
) -> None:
    assert psql("grant_access", role=role, **{"as": access}).status == 0
    for number, script in enumerate(scripts):
        start(shop, f"r{number}")
        variables = {**{**LOOKING, **CHANGING}[script], **({"run": f"r{number}"} if "run" in script else {})}
        words = [f"-v{name}={value}" for name, value in variables.items()]
        path = ["psql", "-X", "-vgo=1", *words, "-c", f"set role {role}", "-f", f"sql/dba/{script}.sql"]
        outcome = shell(dsn, *path)
        assert outcome.status == 0 and "ERROR" not in outcome.output, outcome.output


@pytest.mark.parametrize("script", [*LOOKING, *CHANGING, *RESTORING, "grant_access"])
def test_who_was_not_let_in_is_told_so_and_changes_nothing(
    shop: Connection, dsn: str, role: str, shell: Any, script: str
) -> None:
    start(shop, "r1")
    every = {**LOOKING, **CHANGING, **RESTORING, "grant_access": {"role": role, "as": "operator"}}
    words = [f"-v{name}={value}" for name, value in every[script].items()]
    outcome = shell(
        dsn, "psql", "-X", "-q", "-vgo=1", *words, "-c", f"set role {role}", "-f", f"sql/dba/{script}.sql"
    )
    assert outcome.status == 3
    assert len(re.findall("ERROR:  permission denied", outcome.output)) == 1, outcome.output
    assert (status(shop, "r1"), rows(shop)) == ("FAILED", [1, 2])
    assert shop.execute("select has_schema_privilege(%s, 'unwind', 'usage')", [role]).fetchone() == (False,)


@pytest.mark.parametrize("script", ["failed_runs", "health", "orphans", "progress", "recover", "uninstall"])
def test_an_engine_without_workflows_is_no_error(conn: Connection, psql: Run, script: str) -> None:
    outcome = psql(script, go="1")
    assert outcome.status == 0 and "ERROR" not in outcome.output, outcome.output


# A server that goes ------------------------------------------------------------------------------

MEANWHILE = {
    "undo_run": "lock table orders in share mode",
    "undo_failed_runs": "select from orders where id = 'r1' for update",
    "undo_incident": "select from orders where id = 'r1' for update",
    "recover": "select from orders where id = 'r1' for update",
    "restore_run": "select from stock for update",
    "uninstall": "lock table unwind.audit_log in access share mode",
    "grant_access": "lock table unwind.audit_log in share mode",
    "failed_runs": "lock table unwind.workflow_runs in access exclusive mode",
    "show_run": "lock table unwind.workflow_runs in access exclusive mode",
    "health": "lock table lines in access exclusive mode",
    "orphans": "lock table lines in access exclusive mode",
    "progress": "lock table unwind.workflow_runs in access exclusive mode",
}
"""For which lock each script has to wait, when it has done a part of what it does."""


@pytest.mark.parametrize("script", MEANWHILE)
def test_a_server_that_goes_is_a_line_of_psqls_and_leaves_nothing_half_done(
    stock: Connection, psql: Run, connect: Any, role: str, script: str
) -> None:
    runs = ("r1", "r2")
    if script == "restore_run":
        change(stock, "r1", CUP.format(9))
        stock.execute("select unwind.compensate_run('r1')")
    else:
        for run in runs:
            start(stock, run, "COMPLETED" if script == "uninstall" else "FAILED")
    before = {run: as_it_is(stock, run) for run in runs}
    other = connect(autocommit=False)
    other.execute(MEANWHILE[script])
    variables = {**CHANGING, **LOOKING, **RESTORING, "grant_access": {"role": role, "as": "viewer"}}[script]
    with ThreadPoolExecutor() as pool:
        done = pool.submit(psql, script, go="1", **variables)
        end_who_waits(stock, done)
        outcome = done.result()
    other.rollback()
    assert outcome.status == 2, outcome.output
    assert outcome.output.splitlines()[-1].endswith("error: connection to server was lost")
    assert not re.search(r"is (undone|restored|removed)|may use|Runs undone|By table", outcome.output)
    after = {run: as_it_is(stock, run) for run in runs}
    undone = ([("COMPENSATED",)], 0, 0)
    assert after["r1"] == before["r1"]
    assert after["r2"] in {
        "undo_failed_runs": [undone],  # the newest first, and what is committed stays so
        "undo_incident": [undone],
        "recover": [undone, before["r2"]],
    }.get(script, [before["r2"]])
    assert stock.execute("select has_schema_privilege(%s, 'unwind', 'usage')", [role]).fetchone() == (False,)
    assert amounts(stock)["cup"] == 10


def as_it_is(conn: Connection, run: str) -> tuple[list[Any], int, int]:
    """The status of a run, and how many rows of it there are."""
    found = conn.execute("select status from unwind.workflow_runs where id = %s", [run]).fetchall()
    orders = conn.execute("select from orders where id = %s", [run]).rowcount
    return found, orders, conn.execute("select from lines where order_id = %s", [run]).rowcount


def end_who_waits(conn: Connection, done: Future[Any]) -> None:
    """End the session of psql as soon as it waits for a lock."""
    waiting = (
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and application_name = 'psql' and wait_event_type = 'Lock'"
    )
    while not conn.execute(waiting).fetchall():
        assert not done.done(), done.result().output


# Names that hurt ---------------------------------------------------------------------------------

HOSTILE = 'it\'s "q" \\ %s :run $$; drop\n雪'


@pytest.mark.parametrize("script", [*LOOKING, *CHANGING])
def test_hostile_names_are_nothing_special(shop: Connection, psql: Run, script: str) -> None:
    shop.execute("select unwind.define_workflow(%s)", [HOSTILE])
    shop.execute("select unwind.define_step(%s, %s, 'orders', 'id')", [HOSTILE, HOSTILE])
    with shop.transaction():
        shop.execute("select unwind.start_run(%s, %s)", [HOSTILE, HOSTILE])
        shop.execute("select unwind.record_step(%s, %s, %s)", [HOSTILE] * 3)
        shop.execute("insert into orders values (%s)", [HOSTILE])
        shop.execute("select unwind.fail_run(%s, 'x')", [HOSTILE])
    named = {"run": HOSTILE, "workflow": HOSTILE}
    variables = {name: named.get(name, value) for name, value in {**LOOKING, **CHANGING}[script].items()} | (
        {"go": "1"} if script in CHANGING and script != "uninstall" else {}
    )
    outcome = psql(script, **variables)
    assert outcome.status == 0, outcome.output
    assert rows(shop) == [0 if "go" in variables else 1, 0]


@pytest.fixture
def hostile_table(stock: Connection) -> sql.Identifier:
    """A captured table, with a column, of such names: of 63 bytes."""
    name = sql.Identifier(HOSTILE + "x" * (63 - len(HOSTILE.encode())))
    stock.execute(sql.SQL("create table {0} ({0} text primary key, amount int)").format(name))
    stock.execute(sql.SQL("insert into {} values ({}, 1)").format(name, HOSTILE))
    stock.execute("select unwind.capture_table(%s::regclass)", [name.as_string(stock)])
    return name


@pytest.mark.parametrize("on_conflict", ["skip", "merge"])
def test_hostile_names_of_captured_tables_and_keys_are_nothing_special_either(
    stock: Connection, psql: Run, hostile_table: sql.Identifier, on_conflict: str
) -> None:
    def amount(value: int | None) -> str:
        return sql.SQL("update {} set amount = {}").format(hostile_table, value).as_string(stock)

    change(stock, HOSTILE, amount(2), CUP.format(9))
    stock.execute(amount(3).encode())
    for script, go in (("show_run", "0"), ("undo_run", "0"), ("undo_run", "1"), ("undo_incident", "1")):
        outcome = psql(
            script, go=go, on_conflict=on_conflict, **{**CHANGING["undo_incident"], "run": HOSTILE}
        )
        merges = go == "1" and on_conflict == "merge"  # a row of which both have changed the same column
        assert outcome.status == (3 if merges else 0), outcome.output
        assert not merges or "[UW011]" in outcome.output or "changed by somebody else since" in outcome.output
    if on_conflict == "merge":
        stock.execute(amount(2).encode())
        assert psql("undo_run", run=HOSTILE, go="1").status == 0
        stock.execute(amount(3).encode())
    for go in ("0", "1"):
        outcome = psql("restore_run", run=HOSTILE, go=go, on_conflict=on_conflict)
        assert outcome.status == (3 if go == "1" and on_conflict == "merge" else 0), outcome.output
    assert status(stock, HOSTILE) == ("COMPENSATED" if on_conflict == "merge" else "FAILED")
    assert psql("health").status == 0


def test_what_is_no_choice_is_refused_and_not_run(stock: Connection, psql: Run) -> None:
    change(stock, "r1", CUP.format(9))
    for script in ("undo_run", "undo_failed_runs", "undo_incident"):
        outcome = psql(script, go="1", on_conflict=HOSTILE, **CHANGING[script])
        assert outcome.status == 3, outcome.output
        assert "on_conflict" in outcome.output
    stock.execute("select unwind.compensate_run('r1')")
    assert psql("restore_run", run="r1", go="1", on_conflict=HOSTILE).status == 3
    assert (status(stock, "r1"), amounts(stock)["cup"]) == ("COMPENSATED", 10)


def test_a_role_may_have_any_name(shop: Connection, psql: Run) -> None:
    name = f"{uuid4().hex} {HOSTILE}"[:60]
    role = sql.Identifier(name)
    shop.execute(sql.SQL("create role {}").format(role))
    try:
        assert psql("grant_access", role=name, **{"as": "viewer"}).status == 0
        found = shop.execute("select has_schema_privilege(%s, 'unwind', 'usage')", [name]).fetchone()
        assert found == (True,)
    finally:
        shop.execute(sql.SQL("drop owned by {0}; drop role {0}").format(role))


# show_run ----------------------------------------------------------------------------------------


def test_show_run_shows_what_is_left_and_changes_nothing(shop: Connection, psql: Run) -> None:
    start(shop, "r1")
    outcome = psql("show_run", run="r1")
    assert outcome.status == 0
    assert contains(outcome.output, "status", "FAILED")
    assert contains(outcome.output, "order", "{r1}")
    assert contains(outcome.output, "1", "order", "public.lines", "delete", "2")
    assert (status(shop, "r1"), rows(shop)) == ("FAILED", [1, 2])


def test_show_run_shows_the_receipts_of_an_undone_run(shop: Connection, psql: Run) -> None:
    start(shop, "r1")
    shop.execute("select unwind.compensate_run('r1')")
    outcome = psql("show_run", run="r1")
    assert outcome.status == 0
    assert contains(outcome.output, "1", "1", "undo", "order", "public.lines", "2")
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
        outcome = psql("undo_run", run="r1", go="1")
        assert outcome.status == 0, outcome.output
        assert contains(outcome.output, "2", "order", "public.orders", "1")
        assert "Run r1 is undone." in outcome.output
        assert (status(shop, "r1"), rows(shop)) == ("COMPENSATED", [1, 2])


def test_undo_run_says_before_that_it_would_be_refused_and_what_leads_on(
    stock: Connection, psql: Run
) -> None:
    start(stock, "r1")
    stock.execute("insert into notes values ('r1')")
    look = psql("undo_run", run="r1")
    assert "It would be refused: rows of others refer to what would go" in look.output
    assert "on_conflict=skip" not in look.output
    change(stock, "r2", CUP.format(9))
    stock.execute(CUP.format(5).encode())
    look = psql("undo_run", run="r2")
    assert "It would be refused: somebody else has changed captured rows since" in look.output
    assert "rows of others refer" not in look.output
    assert "refused" not in psql("undo_run", run="r2", on_conflict="skip").output
    refused = psql("undo_run", run="r2", go="1")
    assert "select * from unwind.find_changes('r2');" in refused.output


def test_show_run_lists_what_is_changed_in_captured_tables(stock: Connection, psql: Run) -> None:
    change(stock, "r1", CUP.format(9), "delete from stock where product = 'pot'")
    stock.execute(CUP.format(5).encode())
    shown = psql("show_run", run="r1").output
    assert contains(shown, "public.stock", "product=cup", "updated", "t", "2")
    assert contains(shown, "public.stock", "product=pot", "deleted", "f", "2")


def test_undo_run_of_a_completed_run_needs_force(shop: Connection, psql: Run) -> None:
    start(shop, "r1", "COMPLETED")
    outcome = psql("undo_run", run="r1", go="1")
    assert outcome.status == 3
    assert "run 'r1' is COMPLETED" in outcome.output
    assert (status(shop, "r1"), rows(shop)) == ("COMPLETED", [1, 2])

    assert psql("undo_run", run="r1", force="true", go="1").status == 0
    assert (status(shop, "r1"), rows(shop)) == ("COMPENSATED", [0, 0])


def test_undo_run_rolls_back_where_rows_are_left(shop: Connection, psql: Run) -> None:
    start(shop, "r1")
    shop.execute(
        "create function keep() returns trigger language plpgsql as 'begin return null; end';"
        "create trigger keep before delete on lines for each row execute function keep()"
    )
    outcome = psql("undo_run", run="r1", go="1")
    assert outcome.status == 3
    assert "is undone" not in outcome.output
    assert (status(shop, "r1"), rows(shop)) == ("FAILED", [1, 2])


# failed_runs -------------------------------------------------------------------------------------


def listed(output: str) -> dict[str, dict[str, str]]:
    """The runs of an expanded listing, by id: their columns."""
    records = re.split(r"^-\[ RECORD \d+ \].*$", output, flags=re.M)[1:]
    columns = [dict(re.findall(r"^(\w+)\s+\| ?(.*?)\s*$", record, re.M)) for record in records]
    return {record["run"]: record for record in columns}


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
    found = listed(outcome.output)
    assert {run: record["reason"] for run, record in found.items()} == {
        "failed": "failed",
        "quiet": "silent",
        "expired": "lease expired",
    }
    assert found["failed"]["error"] == "why failed failed"
    assert found["failed"]["command"] == "select * from unwind.compensate_run('failed');"


def test_failed_runs_says_when_it_was_started_and_is_tried_next_on_lines_of_a_readable_width(
    shop: Connection, psql: Run
) -> None:
    start(shop, "r")
    shop.execute("insert into notes values ('r')")
    shop.execute("call unwind.recover_runs()")
    output = psql("failed_runs").output
    [(started, next_try)] = shop.execute(
        "select date_trunc('second', created_at)::text, date_trunc('second', retry_at)::text"
        " from unwind.workflow_runs"
    ).fetchall()
    assert (listed(output)["r"]["started"], listed(output)["r"]["next_try"]) == (started, next_try)
    assert max(len(line) for line in output.splitlines() if not line.startswith(("error", "-["))) < 100


def test_failed_runs_shows_a_screenful_and_of_how_many(shop: Connection, psql: Run) -> None:
    for number in range(22):
        start(shop, f"r{number}")
    found = listed(psql("failed_runs").output)
    assert len(found) == 20
    assert {record["of_runs"] for record in found.values()} == {"22"}
    assert len(listed(psql("failed_runs", limit="100").output)) == 22


def test_failed_runs_tells_what_pauses_and_what_was_given_up(shop: Connection, psql: Run) -> None:
    for run in ("pauses", "hopeless", "theirs"):
        start(shop, run, worker="w" if run == "theirs" else None)
    shop.execute("insert into notes values ('pauses'), ('hopeless')")
    shop.execute("update unwind.workflow_runs set retry_count = 4 where id = 'hopeless'")
    shop.execute("call unwind.recover_runs()")
    found = listed(psql("failed_runs").output)
    assert set(found) == {"pauses", "hopeless"}, "a failed run under a live claim is its worker's"
    assert (found["pauses"]["reason"], found["pauses"]["tries"]) == ("pausing", "1")
    assert (found["hopeless"]["reason"], found["hopeless"]["tries"]) == ("gave up", "5")
    assert "compensation failed: [UW007] rows of public.notes" in found["pauses"]["error"]


def test_failed_runs_goes_on_in_batches_with_what_was_begun_in_batches(shop: Connection, psql: Run) -> None:
    run = "it's half undone"
    start(shop, run, "RUNNING")
    shop.execute("select unwind_internal.begin_batches(%s, false, 'at work')", [run])
    assert listed(psql("failed_runs").output) == {}, "somebody is at it"
    shop.execute("update unwind.workflow_runs set lease_expires_at = now() - interval '1 second'")
    found = listed(psql("failed_runs").output)[run]
    assert (found["reason"], found["tries"]) == ("half undone", "0")
    shop.execute(found["command"].encode())
    assert (status(shop, run), rows(shop)) == ("COMPENSATED", [0, 0])


def test_failed_runs_can_be_asked_for_one_workflow_or_less_silence(shop: Connection, psql: Run) -> None:
    start(shop, "r1")
    start(shop, "quiet", "RUNNING")
    make_old(shop, "quiet")
    assert set(listed(psql("failed_runs", workflow="shop").output)) == {"r1", "quiet"}
    shop.execute("select unwind.define_workflow('other')")
    assert listed(psql("failed_runs", workflow="other").output) == {}
    assert set(listed(psql("failed_runs", silent="3 hours").output)) == {"r1"}


def test_failed_runs_can_be_asked_for_a_window_of_time(shop: Connection, psql: Run) -> None:
    for run in ("old", "new"):
        start(shop, run)
    shop.execute("update unwind.workflow_runs set created_at = now() - interval '2 days' where id = 'old'")
    assert set(listed(psql("failed_runs", since="yesterday").output)) == {"new"}
    assert set(listed(psql("failed_runs", until="yesterday").output)) == {"old"}
    assert listed(psql("failed_runs", since="yesterday", until="yesterday").output) == {}
    assert psql("failed_runs", since="a while ago").status == 3


def test_the_command_that_failed_runs_prints_works_for_any_run_id_wherever_psql_was_started(
    shop: Connection, psql: Run
) -> None:
    start(shop, "it's; a $run")
    shop.execute(listed(psql("failed_runs").output)["it's; a $run"]["command"].encode())
    assert status(shop, "it's; a $run") == "COMPENSATED"


# undo_failed_runs --------------------------------------------------------------------------------


def test_undo_failed_runs_undoes_the_failed_ones_only(shop: Connection, psql: Run) -> None:
    for run in ("r1", "r2"):
        start(shop, run)
    start(shop, "well", "COMPLETED")
    start(shop, "busy", "RUNNING")
    start(shop, "claimed", "FAILED", worker="w")
    outcome = psql("undo_failed_runs", workflow="shop", go="1")
    assert outcome.status == 0, outcome.output
    assert contains(outcome.output, "r1", "3") and contains(outcome.output, "r2", "3")
    assert "Runs undone: 2" in outcome.output
    assert [status(shop, run) for run in ("r1", "r2")] == ["COMPENSATED"] * 2
    assert [status(shop, run) for run in ("well", "busy", "claimed")] == ["COMPLETED", "RUNNING", "FAILED"]
    assert "Runs undone: 0" in psql("undo_failed_runs", workflow="shop", go="1").output


def test_undo_failed_runs_with_a_limit_takes_the_newest(shop: Connection, psql: Run) -> None:
    for run in ("r1", "r2", "r3"):
        start(shop, run)
    outcome = psql("undo_failed_runs", workflow="shop", limit="2", go="1")
    assert "Runs undone: 2" in outcome.output, outcome.output
    assert [status(shop, run) for run in ("r1", "r2", "r3")] == ["FAILED", "COMPENSATED", "COMPENSATED"]


def test_undo_failed_runs_skips_what_is_refused_and_lists_it_with_its_error(
    shop: Connection, psql: Run
) -> None:
    shop.execute("""
        create function keep() returns trigger language plpgsql as
        $$ begin
            if old.id = 'r5' then raise 'r5 is kept' using hint = 'Ask Ada.'; end if;
            return null;
        end $$;
        create constraint trigger keep after delete on orders deferrable initially deferred
        for each row execute function keep();
        select unwind.compile_workflow('shop');
    """)
    for number in range(1, 7):
        start(shop, f"r{number}")
    shop.execute("insert into notes values ('r1'), ('r3')")
    outcome = psql("undo_failed_runs", workflow="shop", go="1")
    assert outcome.status == 3
    found = listed(outcome.output)
    assert set(found) == {"r1", "r3", "r5"}
    assert found["r1"]["error"].startswith("[UW007] rows of public.notes")
    assert found["r1"]["detail"] and found["r1"]["hint"]
    assert (found["r5"]["error"], found["r5"]["hint"]) == ("[P0001] r5 is kept", "Ask Ada.")
    assert "Runs undone: 3, not undone: 3" in outcome.output
    assert [status(shop, f"r{number}") for number in range(1, 7)] == ["FAILED", "COMPENSATED"] * 3
    assert rows(shop) == [3, 6]
    assert contains(outcome.output, "r2", "3")


def test_undo_failed_runs_undoes_together_those_that_are_in_each_others_way(
    shop: Connection, psql: Run
) -> None:
    shop.execute("""
        alter table orders add replaces text;
        select unwind.declare_foreign_key('orders', '{replaces}', 'orders', '{id}', 'restrict');
    """)
    for run in ("r1", "r2", "r3"):
        start(shop, run)
    shop.execute("update orders set replaces = case id when 'r1' then 'r2' else 'r1' end")
    outcome = psql("undo_failed_runs", workflow="shop", go="1")
    assert outcome.status == 0 and "Runs undone: 3, not undone: 0" in outcome.output
    assert [status(shop, run) for run in ("r1", "r2", "r3")] == ["COMPENSATED"] * 3


def test_undo_failed_runs_ends_at_what_ails_the_server(shop: Connection, psql: Run) -> None:
    shop.execute("""
        create function full_disk() returns trigger language plpgsql as
        $$ begin
            if old.id = 'r1' then raise 'no space left' using errcode = 'disk_full'; end if;
            return old;
        end $$;
        create trigger full_disk before delete on orders for each row execute function full_disk();
        select unwind.compile_workflow('shop');
    """)
    for run in ("r0", "r1", "r2"):
        start(shop, run)
    outcome = psql("undo_failed_runs", workflow="shop", go="1")
    assert outcome.status == 3 and "no space left" in outcome.output
    assert [status(shop, run) for run in ("r0", "r1", "r2")] == ["FAILED", "FAILED", "COMPENSATED"]


def test_undo_failed_runs_of_an_unknown_workflow_fails(shop: Connection, psql: Run) -> None:
    outcome = psql("undo_failed_runs", workflow="ship", go="1")
    assert outcome.status == 3
    assert "workflow 'ship' is not defined" in outcome.output


# undo_incident ---------------------------------------------------------------------------------


def test_undo_incident_takes_the_runs_of_its_window_and_status(shop: Connection, psql: Run) -> None:
    for run, outcome in (("old", "FAILED"), ("new", "FAILED"), ("well", "COMPLETED"), ("busy", "RUNNING")):
        start(shop, run, outcome)
    shop.execute("update unwind.workflow_runs set created_at = now() - interval '2 days' where id = 'old'")
    window = {"workflow": "shop", "since": "yesterday", "until": "tomorrow", "go": "1"}
    outcome = psql("undo_incident", **window)
    assert outcome.status == 0 and "Runs undone: 1, not undone: 0" in outcome.output
    assert [status(shop, run) for run in ("old", "new", "well", "busy")] == [
        "FAILED", "COMPENSATED", "COMPLETED", "RUNNING"
    ]  # fmt: skip
    refused = psql("undo_incident", status="COMPLETED", **window)
    assert refused.status == 3 and "[UW005]" in refused.output
    assert psql("undo_incident", status="COMPLETED", force="true", **window).status == 0
    assert status(shop, "well") == "COMPENSATED"


def test_undo_incident_shows_what_it_would_delete_and_what_is_blocked(shop: Connection, psql: Run) -> None:
    for run in ("r1", "r2"):
        start(shop, run)
    shop.execute("insert into notes values ('r1')")
    outcome = psql("undo_incident", workflow="shop", since="yesterday", until="tomorrow")
    assert contains(outcome.output, "public.lines", "4", "0")
    assert contains(outcome.output, "public.orders", "2", "1")
    assert contains(outcome.output, "r1", "public.notes (order_id)=(r1)")
    assert "Runs: 2. Nothing is changed." in outcome.output


def test_undo_incident_of_no_time_or_workflow_fails(shop: Connection, psql: Run) -> None:
    assert psql("undo_incident", workflow="shop", since="a while ago", until="now").status == 3
    assert psql("undo_incident", workflow="ship", since="yesterday", until="now").status == 3


# Captured tables: conflicts, restore_run --------------------------------------------------------

CAPTURED = """
create table stock (product text primary key, amount int);
insert into stock values ('cup', 10), ('pot', 10), ('jug', 10);
alter table lines add primary key (order_id, product);
select unwind.capture_table('orders', 'lines', 'stock');
"""


@pytest.fixture
def stock(shop: Connection) -> Connection:
    shop.execute(CAPTURED)
    return shop


def change(conn: Connection, run: str, *statements: str, outcome: str = "FAILED") -> None:
    """Make a run that did this to captured tables."""
    conn.execute("select unwind.start_run('shop', %s)", [run])
    with conn.transaction():
        conn.execute("select unwind.enter_run(%s)", [run])
        for statement in statements:
            conn.execute(statement.encode())
    if outcome == "FAILED":
        conn.execute("select unwind.fail_run(%s, 'x')", [run])


def amounts(conn: Connection) -> dict[str, int]:
    return dict(conn.execute("select product, amount from stock").fetchall())


CUP = "update stock set amount = {} where product = 'cup'"


def test_undo_run_shows_conflicts_and_skips_them_if_told(stock: Connection, psql: Run) -> None:
    change(stock, "r1", CUP.format(9), "delete from stock where product = 'pot'")
    stock.execute(CUP.format(5).encode())
    look = psql("undo_run", run="r1")
    assert contains(look.output, "public.stock", "conflict", "0", "public.stock (product=cup)")
    assert contains(look.output, "public.stock", "insert", "1")
    refused = psql("undo_run", run="r1", go="1")
    assert refused.status == 3 and "rows were changed by somebody else since: 1" in refused.output
    outcome = psql("undo_run", run="r1", go="1", on_conflict="skip")
    assert outcome.status == 0
    assert contains(outcome.output, "public.stock", "0", "0", "1", "1")
    assert "It can be taken back: restore_run.sql" in outcome.output
    assert amounts(stock) == {"cup": 5, "pot": 10, "jug": 10}


@pytest.mark.parametrize("script", ["undo_failed_runs", "undo_incident"])
def test_many_runs_are_undone_but_for_conflicts_or_with_the_rows_in_conflict_left(
    stock: Connection, psql: Run, script: str
) -> None:
    change(stock, "r1", CUP.format(9))
    change(stock, "r2", "delete from stock where product = 'pot'")
    stock.execute(CUP.format(5).encode())
    look = psql(script, **CHANGING[script])
    assert contains(look.output, "public.stock", "1", "1")
    assert contains(look.output, "r1", "public.stock (product=cup)")
    outcome = psql(script, go="1", **CHANGING[script])
    assert outcome.status == 3
    assert listed(outcome.output)["r1"]["error"].startswith("[UW011]")
    assert contains(outcome.output, "r2", "0", "0", "1", "0")
    assert psql(script, go="1", on_conflict="skip", **CHANGING[script]).status == 0
    assert amounts(stock) == {"cup": 5, "pot": 10, "jug": 10}


def test_runs_that_changed_each_others_rows_are_undone_together(stock: Connection, psql: Run) -> None:
    for run in ("r1", "r2"):
        stock.execute("select unwind.start_run('shop', %s)", [run])
    for run, product, amount in (("r1", "cup", 9), ("r2", "cup", 8), ("r2", "pot", 8), ("r1", "pot", 9)):
        with stock.transaction():
            stock.execute("select unwind.enter_run(%s)", [run])
            stock.execute("update stock set amount = %s where product = %s", [amount, product])
    stock.execute("select unwind.fail_run('r1', 'x'), unwind.fail_run('r2', 'x')")
    start(stock, "r3")
    outcome = psql("undo_failed_runs", workflow="shop", go="1")
    assert outcome.status == 0, outcome.output
    assert "Runs undone: 3, not undone: 0" in outcome.output
    assert (amounts(stock), rows(stock)) == ({"cup": 10, "pot": 10, "jug": 10}, [0, 0])


def test_restore_run_shows_and_takes_back_what_was_undone_together(stock: Connection, psql: Run) -> None:
    start(stock, "r1")
    change(stock, "r2", CUP.format(9))
    stock.execute("select unwind.compensate_runs('{r1, r2}')")
    look = psql("restore_run", run="r2")
    assert look.status == 0
    assert contains(look.output, "r1", "shop") and contains(look.output, "public.lines", "insert", "2")
    assert "Run r2 is COMPENSATED. Nothing is changed." in look.output
    assert rows(stock) == [0, 0]
    outcome = psql("restore_run", run="r2", go="1")
    assert outcome.status == 0, outcome.output
    assert contains(outcome.output, "r1", "public.lines", "0", "0", "2", "0")
    assert "Run r2 is restored." in outcome.output
    assert (rows(stock), amounts(stock)["cup"]) == ([1, 2], 9)
    assert [status(stock, run) for run in ("r1", "r2")] == ["FAILED"] * 2
    again = psql("restore_run", run="r1", go="1")
    assert again.status == 0 and contains(again.output, "r1", "public.lines", "0", "0", "2", "0")
    shown = psql("show_run", run="r1").output
    assert contains(shown, "1", "1", "undo", "order", "public.lines", "2")
    assert contains(shown, "1", "restore") and contains(shown, "public.lines", "0", "0", "2", "0")
    assert {run: found["reason"] for run, found in listed(psql("failed_runs").output).items()} == {
        "r1": "restored",
        "r2": "restored",
    }
    assert "Runs undone: 0" in psql("undo_failed_runs", workflow="shop", go="1").output
    assert "Runs undone: 0" in psql("undo_incident", go="1", **CHANGING["undo_incident"]).output
    assert psql("undo_run", run="r1", go="1").status == 0


def test_restore_run_names_conflicts_and_leaves_them_if_told(stock: Connection, psql: Run) -> None:
    change(stock, "r1", CUP.format(9), "delete from stock where product = 'pot'")
    stock.execute("select unwind.compensate_run('r1')")
    stock.execute(CUP.format(5).encode())
    assert contains(psql("restore_run", run="r1").output, "public.stock", "conflict", "1", "product=cup")
    assert psql("restore_run", run="r1", go="1").status == 3
    assert status(stock, "r1") == "COMPENSATED"
    assert psql("restore_run", run="r1", go="1", on_conflict="skip").status == 0
    assert amounts(stock) == {"cup": 5, "jug": 10}


def test_restore_run_says_why_not(stock: Connection, psql: Run) -> None:
    change(stock, "r1", CUP.format(9))
    refused = psql("restore_run", run="r1", go="1")
    assert refused.status == 3 and "run 'r1' is not undone" in refused.output
    stock.execute("select unwind.compensate_run('r1')")
    stock.execute("select unwind.forget_images('{r1}')")
    look = psql("restore_run", run="r1")
    assert look.status == 0 and "were dropped" in look.output
    assert psql("restore_run", run="r1", go="1").status == 3
    assert psql("restore_run", run="r9").status == 3


def test_restore_run_does_not_wait_for_ever(stock: Connection, psql: Run, connect: Any) -> None:
    change(stock, "r1", CUP.format(9))
    stock.execute("select unwind.compensate_run('r1')")
    other = connect(autocommit=False)
    other.execute("select from stock for update")
    outcome = psql("restore_run", run="r1", go="1", lock_timeout="100ms")
    assert "lock timeout" in outcome.output, outcome.output
    other.rollback()
    assert status(stock, "r1") == "COMPENSATED"


def test_restore_run_of_hostile_names(stock: Connection, psql: Run) -> None:
    change(stock, HOSTILE, CUP.format(9), "delete from stock where product = 'pot'")
    stock.execute("select unwind.compensate_run(%s)", [HOSTILE])
    outcome = psql("restore_run", run=HOSTILE, go="1")
    assert outcome.status == 0, outcome.output
    assert amounts(stock) == {"cup": 9, "jug": 10}


def test_an_operator_may_restore(stock: Connection, dsn: str, role: str, shell: Any, psql: Run) -> None:
    change(stock, "r1", CUP.format(9))
    stock.execute("select unwind.compensate_run('r1')")
    stock.execute(f"grant select, insert, update, delete on stock to {role}".encode())
    assert psql("grant_access", role=role, **{"as": "operator"}).status == 0
    path = ["psql", "-X", "-vgo=1", "-vrun=r1", "-c", f"set role {role}", "-f", "sql/dba/restore_run.sql"]
    outcome = shell(dsn, *path)
    assert outcome.status == 0 and "ERROR" not in outcome.output, outcome.output
    assert amounts(stock)["cup"] == 9


# recover, orphans, progress, uninstall -----------------------------------------------------------


def test_recover_sweeps_one_workflow_or_all(shop: Connection, psql: Run) -> None:
    start(shop, "r1")
    shop.execute("select unwind.define_workflow('other')")
    assert contains(psql("recover", workflow="shop").output, "shop", "1", "0", "0")
    psql("recover", workflow="other", go="1")
    assert status(shop, "r1") == "FAILED"
    assert "UW008" in psql("recover", workflow="ship", go="1").output or status(shop, "r1") == "FAILED"
    assert contains(psql("recover", go="1").output, "1", "0")
    assert status(shop, "r1") == "COMPENSATED"


def test_orphans_are_listed(shop: Connection, psql: Run) -> None:
    shop.execute("insert into lines values ('nobody', 'spoon')")
    for variables in ({}, {"workflow": "shop"}):
        output = psql("orphans", **variables).output
        assert contains(output, "child_table", "public.lines") and contains(output, "sample_keys", "{nobody}")
    assert psql("orphans", workflow="ship").status == 3


def test_progress_shows_how_far_and_how_to_go_on(shop: Connection, psql: Run) -> None:
    start(shop, "it's half", "RUNNING")
    shop.execute("select unwind_internal.begin_batches(%s, false, 'at work')", ["it's half"])
    output = psql("progress").output
    assert contains(output, "claimed_by", "at work") and contains(output, "of_rows", "3")
    command = re.search(r"^to_go_on +\| (.*)$", output, re.M)
    assert command is not None
    shop.execute("update unwind.workflow_runs set lease_expires_at = now()")
    shop.execute(command[1].encode())
    assert "row: none" in psql("progress").output
    assert status(shop, "it's half") == "COMPENSATED"


def test_uninstall_removes_everything_unless_runs_are_live(shop: Connection, psql: Run) -> None:
    start(shop, "r1")
    refused = psql("uninstall", go="1")
    assert refused.status == 3 and "1 of its runs are live" in refused.output
    assert status(shop, "r1") == "FAILED"
    shop.execute("select unwind.compensate_run('r1')")
    outcome = psql("uninstall", go="1")
    assert outcome.status == 0 and "pgunwind is removed." in outcome.output
    assert shop.execute("select from pg_namespace where nspname like 'unwind%'").rowcount == 0


# health ------------------------------------------------------------------------------------------


def test_health_shows_findings_orphans_and_runs(shop: Connection, psql: Run) -> None:
    start(shop, "r1")
    shop.execute("insert into lines values ('nobody', 'spoon')")
    outcome = psql("health")
    assert outcome.status == 0, outcome.output
    assert contains(outcome.output, "shop", "FAILED", "1")
    assert contains(outcome.output, "fix", "create index concurrently on public.lines (order_id);")
    for name, value in (("child_table", "public.lines"), ("orphans", "1"), ("sample_keys", "{nobody}")):
        assert contains(outcome.output, name, value)
    shop.execute("select unwind.define_workflow('other')")
    assert "public.lines" not in psql("health", workflow="other").output


@pytest.mark.parametrize("script", ["failed_runs", "recover", "health", "orphans"])
def test_a_workflow_that_there_is_not_is_no_all_clear(shop: Connection, psql: Run, script: str) -> None:
    outcome = psql(script, workflow="shap")
    assert outcome.status == 3 and "did you mean shop?" in outcome.output


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
