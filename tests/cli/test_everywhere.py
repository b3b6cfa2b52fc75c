"""Every command among hostile names, without engine or rights, with a server that only reads, or goes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from cli.conftest import ShopOfRuns
from pgunwind import cli, manifest
from pgunwind.cli import _database
from pgunwind.demo.server import EmbeddedServer
from shop import Shop
from templates import holding

Run = Callable[..., Any]

NAME = 'it\'s "q" \\ %s {0} $$; drop\n\x1b[31m\u202e雪'
"""What a name can be: quotes, a newline, what a terminal obeys; filled up, 63 bytes."""
LONG = NAME + "x" * (63 - len(NAME.encode()))
RUN = f"{NAME} {'r' * 80}"

LOOKS: dict[str, tuple[str, ...]] = {
    "status": ("status",),
    "runs": ("runs", "--workflow", LONG),
    "show": ("show", RUN),
    "preview": ("preview", RUN),
    "undo --workflow": ("undo", "--workflow", LONG),
    "check": ("check", LONG),
    "check --fix": ("check", "--fix"),
    "orphans": ("orphans", LONG),
    "suggest": ("suggest", '"{}"'.format(LONG.replace('"', '""'))),
    "graph": ("graph", LONG),
    "evidence": ("evidence", RUN, "--output", "-"),
    "evidence --workflow": ("evidence", "--workflow", LONG, "--output", "-"),
}
"""Commands that only read."""
CHANGES: dict[str, tuple[str, ...]] = {
    "undo": ("undo", RUN, "--yes", "--force"),
    "undo --batches": ("undo", RUN, "--yes", "--force", "--batches"),
    "undo --workflow --yes": ("undo", "--workflow", LONG, "--yes"),
    "restore": ("restore", RUN, "--yes"),
    "recover": ("recover", "--workflow", LONG),
    "grant": ("grant", LONG, "--as", "viewer"),
    "uninstall": ("uninstall", "--yes"),
}
PAGES = ("evidence", "evidence --workflow")
"""What these print is a page: as wide as it is, and with the time in it."""
HAVING_JSON = (
    "status", "runs", "show", "preview", "undo --workflow", "check", "orphans", "graph", "evidence",
)  # fmt: skip
WITHOUT_DATABASE = {"demo", "completion", "install-sql"}


class Hostile(Shop):
    """A workflow, a table, columns and a run with such names."""

    def fill(self) -> None:
        """Makes them, a failed run of two rows among them."""
        table, column = sql.Identifier(LONG), sql.Identifier(LONG[:-1] + "c")
        for statement in (
            sql.SQL("create table {} ({} text primary key, {} text)").format(
                table, column, sql.Identifier("other")
            ),
            sql.SQL("create table child ({} text)").format(column),
            sql.SQL("create index on child ({})").format(column),
        ):
            self.conn.execute(statement)
        name = table.as_string(self.conn)
        self("select unwind.define_workflow(%s, %s)", LONG, NAME)
        self("select unwind.define_step(%s, %s, %s::regclass, %s)", LONG, LONG, name, LONG[:-1] + "c")
        columns = [LONG[:-1] + "c"]
        self("select unwind.declare_foreign_key('child', %s, %s::regclass, %s)", columns, name, columns)
        metadata = json.dumps({NAME: NAME})
        self("select unwind.start_run(%s, %s, business_key => %s, metadata => %s)", LONG, RUN, NAME, metadata)
        self("select unwind.record_step(%s, %s, %s)", RUN, LONG, NAME)
        self.conn.execute(sql.SQL("insert into {} values ({})").format(table, NAME))
        self.conn.execute("insert into child values (%s), (%s)", [NAME, "no parent"])
        self("select unwind.fail_run(%s, %s)", RUN, NAME)


@pytest.fixture
def hostile(conn: psycopg.Connection[Any]) -> Hostile:
    """The names, in a database of their own."""
    named = Hostile(conn)
    named.fill()
    return named


def is_plain(text: str) -> bool:
    """Tell whether a terminal would print all of it and obey none of it."""
    return all(character.isprintable() for line in text.split("\n") for character in line)


def test_these_are_all_commands() -> None:
    words = {command[0] for command in (*LOOKS.values(), *CHANGES.values())}
    assert words | WITHOUT_DATABASE | {"install", "migrate"} == set(cli.main.commands)
    assert len(LONG.encode()) == 63


@pytest.mark.parametrize("command", [(), *((name,) for name in cli.main.commands)], ids=" ".join)
def test_the_help_fits_eighty_columns_and_cuts_nothing(invoke: Run, command: tuple[str, ...]) -> None:
    said = invoke(*command, "--help")
    assert said.status == 0
    assert max(map(len, said.output.splitlines())) <= 80
    assert not any(line.endswith("...") for line in said.output.splitlines() if "Usage: " not in line)


@pytest.mark.parametrize("columns", [40, 80, 140])
@pytest.mark.parametrize("command", LOOKS)
def test_hostile_names_are_printed_and_not_obeyed(
    hostile: Hostile, pgunwind: Run, command: str, columns: int
) -> None:
    said = pgunwind(*LOOKS[command], COLUMNS=str(columns))
    assert said.status == (1 if command == "orphans" else 0), said.errors
    if command not in (
        "suggest",
        "check --fix",
    ):  # text for others to read, in which names are quoted
        assert is_plain(said.output), said.output
    assert hostile("select status from unwind.workflow_runs") == [("FAILED",)]


@pytest.mark.parametrize("command", ["undo", "undo --batches", "undo --workflow --yes", "recover"])
def test_runs_with_hostile_names_are_undone(hostile: Hostile, pgunwind: Run, command: str) -> None:
    said = pgunwind(*CHANGES[command])
    assert said.status == 0, said.errors
    assert is_plain(said.output + said.errors)
    assert hostile("select status from unwind.workflow_runs") == [("COMPENSATED",)]
    assert hostile.count("child") == 1


def test_a_command_that_is_shown_can_be_pasted(hostile: Hostile, pgunwind: Run) -> None:
    import subprocess

    shown = next(line for line in pgunwind("preview", RUN).output.splitlines() if "pgunwind undo" in line)
    words = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {shown[shown.index('pgunwind') :]}"], capture_output=True, check=True
    ).stdout.decode()
    assert words.split("\0")[:-1] == ["pgunwind", "undo", RUN]


@pytest.mark.parametrize("command", HAVING_JSON)
def test_json_is_json_whatever_the_names(hostile: Hostile, pgunwind: Run, command: str) -> None:
    said = pgunwind(*LOOKS[command], "--json")
    assert json.loads(said.output) is not None
    assert said.output.isascii()


@pytest.mark.parametrize("command", [name for name in LOOKS if name not in PAGES])
def test_what_is_printed_fits_eighty_columns_and_has_no_colour(
    shop: Any, pgunwind: Run, command: str
) -> None:
    run = "0d3b5a9e-7e0f-4b51-9b1e-0e9f7c1d2a3b"
    shop.start(run)
    shop.conn.execute("update unwind.workflow_runs set last_error = repeat('the card was declined ', 20)")
    words = [{LONG: "shop", RUN: run}.get(word, word) for word in LOOKS[command]]
    said = pgunwind(*(["suggest", "orders"] if command == "suggest" else words))
    assert said.status == 0, said.errors
    assert "\x1b" not in said.output
    if command != "suggest":
        assert max(map(len, said.output.splitlines()), default=0) <= 80, said.output
        assert not any(line.endswith(" ") for line in said.output.splitlines())


class Captured(Hostile):
    """The table under capture, and a run that changed a row which somebody else has changed since."""

    def change(self, amount: str, run: str | None = None) -> None:
        """Changes the row, in a run or outside of all."""
        with self.conn.transaction():
            if run is not None:
                self("select unwind.enter_run(%s)", run)
            self.conn.execute(
                sql.SQL("update {} set other = {}").format(sql.Identifier(LONG), f"{NAME} {amount}")
            )


@pytest.fixture
def captured_names(conn: psycopg.Connection[Any]) -> Captured:
    """Such names in captured tables, in a database of their own."""
    named = Captured(conn)
    named.fill()
    named("select unwind.capture_table(%s::regclass)", sql.Identifier(LONG).as_string(conn))
    named("select unwind.start_run(%s, %s)", LONG, NAME)
    named.change("1", NAME)
    named("select unwind.fail_run(%s, %s)", NAME, NAME)
    named.change("2")
    return named


def test_captured_rows_with_hostile_names_are_shown_skipped_merged_and_restored(
    captured_names: Captured, pgunwind: Run
) -> None:
    def told(status: int, *words: str) -> Any:
        said = pgunwind(*words)
        assert said.status == status, (words, said)
        assert is_plain(said.output + said.errors), said
        assert "Traceback" not in said.errors
        return said

    merging, skipping = ("--on-conflict", "merge"), ("--on-conflict", "skip")
    told(0, "show", NAME)
    told(1, "preview", NAME)
    told(1, "preview", NAME, *merging)
    told(1, "undo", NAME, "--yes", *merging)
    told(0, "undo", "--workflow", LONG, *merging)
    told(0, "preview", NAME, *skipping)
    told(0, "undo", NAME, "--yes", *skipping)
    told(0, "evidence", NAME, "-o", "-")
    told(0, "restore", NAME, "--yes")
    captured_names.change("1")
    told(0, "undo", NAME, "--yes")
    captured_names.change("3")
    told(1, "restore", NAME, "--yes")
    told(1, "restore", NAME, "--yes", *merging)
    told(0, "restore", NAME, "--yes", *skipping)
    told(0, "status")


# Where there is nothing --------------------------------------------------------------------------


@pytest.mark.parametrize("command", [*LOOKS, *CHANGES])
def test_a_database_without_the_engine_is_one_line(invoke: Run, bare_dsn: str, command: str) -> None:
    said = invoke(*(LOOKS | CHANGES)[command], PGUNWIND_DSN=bare_dsn)
    assert (said.status, said.output) == (3, "")
    assert said.errors == "Error: the database has no pgunwind schema\nHint: pgunwind install\n"


@pytest.mark.parametrize("command", ["status", "runs", "check", "check --fix", "recover"])
def test_an_engine_without_workflows_is_no_error(conn: Any, pgunwind: Run, command: str) -> None:
    words = [word for word in (LOOKS | CHANGES)[command] if word not in (LONG, "--workflow")]
    assert pgunwind(*words).status == 0


@pytest.fixture
def stranger(shop: Any, dsn: str) -> Iterator[str]:
    """The address of a role without any right."""
    name = f"stranger_{shop.conn.info.dbname}"[:60]
    shop.conn.execute(f"create role {name} login".encode())
    yield psycopg.conninfo.make_conninfo(dsn, user=name)
    shop.conn.execute(f"drop role {name}".encode())


@pytest.mark.parametrize("command", [*LOOKS, *CHANGES, "install", "migrate"])
def test_a_role_without_rights_is_told_who_can_give_them(
    shop: Any, invoke: Run, stranger: str, command: str
) -> None:
    shop.start("r")
    words = [{LONG: "shop", RUN: "r"}.get(word, word) for word in (LOOKS | CHANGES).get(command, (command,))]
    said = invoke(*(["suggest", "orders"] if command == "suggest" else words), PGUNWIND_DSN=stranger)
    assert (said.status, said.output) == (1, "")
    first, *rest = said.errors.splitlines()
    assert first.startswith("Error: ") and "[42501]" in first and "Traceback" not in said.errors
    assert any("pgunwind grant ROLE" in line for line in rest)
    assert (shop.status("r"), shop.rows()) == ("FAILED", 3)


# Where it can only be read -----------------------------------------------------------------------


def as_seen(invoke: Run, dsn: str) -> dict[str, tuple[int, str]]:
    """What each of the looks prints; ages aside, which time changes."""
    looks = {name: invoke(*words, PGUNWIND_DSN=dsn) for name, words in LOOKS.items() if "check" not in name}
    return {
        name: (
            said.status,
            "".join(line for line in said.output.splitlines(True) if " s" not in line and name not in PAGES),
        )
        for name, said in looks.items()
    }


def test_every_look_is_the_same_on_a_standby_and_a_change_is_refused_in_one_line(invoke: Run) -> None:
    with EmbeddedServer() as server:
        with psycopg.connect(server.dsn, autocommit=True) as conn:
            manifest.install(conn)
            Hostile(conn).fill()
        primary = as_seen(invoke, server.dsn)
        server.stop()
        (server.directory / "data" / "standby.signal").touch()
        server.start()
        assert as_seen(invoke, server.dsn) == primary
        check = invoke(*LOOKS["check"], PGUNWIND_DSN=server.dsn)
        assert check.status == 0 and "read_only" in check.output
        for name, words in CHANGES.items():
            said = invoke(*words, PGUNWIND_DSN=server.dsn)
            assert said.status in (1, 4), name
            told = said.errors + said.output
            assert "25006" in told and "Traceback" not in told, (name, told)


# A server that goes ------------------------------------------------------------------------------


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch, server_dsn: str) -> None:
    """Whoever connects finds the server gone when it says its first word."""
    connected = _database.connect

    def connect() -> psycopg.Connection[Any]:
        connection = connected()
        with psycopg.connect(server_dsn, autocommit=True) as other:
            other.execute("select pg_terminate_backend(%s, 60000)", [connection.info.backend_pid])
        return connection

    monkeypatch.setattr(_database, "connect", connect)


@pytest.mark.parametrize("command", [*LOOKS, *CHANGES, "install"])
def test_a_server_that_is_gone_before_the_first_answer_is_one_line_and_changes_nothing(
    shop: Any, pgunwind: Run, lost: None, command: str
) -> None:
    shop.start("r")
    words = [{LONG: "shop", RUN: "r"}.get(word, word) for word in (LOOKS | CHANGES).get(command, (command,))]
    said = pgunwind(*words)
    assert (said.status, said.output) == (3, "")
    assert len([line for line in said.errors.splitlines() if line.startswith("Error: ")]) == 1
    assert all(line.startswith(("Error: ", "Hint: ")) for line in said.errors.splitlines()), said.errors
    assert (shop.status("r"), shop.rows()) == ("FAILED", 3)


def test_a_page_is_not_said_to_be_true_where_the_server_is_gone(
    shop: Any, pgunwind: Run, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    shop.start("r")
    page = tmp_path / "page.html"
    assert pgunwind("evidence", "r", "--output", str(page)).status == 0
    request.getfixturevalue("lost")
    said = pgunwind("evidence", "--check", str(page))
    assert (said.status, said.output) == (3, "") and said.errors.startswith("Error: ")


GOING = """
create function end_session() returns event_trigger language plpgsql as
$$ begin perform pg_terminate_backend(pg_backend_pid()); end $$;
create event trigger t on ddl_command_end when tag in ('{tag}') execute function end_session();
"""


@pytest.mark.parametrize("command", ["install", "migrate"])
def test_an_installation_whose_server_goes_leaves_no_part_of_an_engine_and_goes_on_when_it_is_back(
    invoke: Run, bare_dsn: str, command: str
) -> None:
    with psycopg.connect(bare_dsn, autocommit=True) as conn:
        conn.execute(GOING.format(tag="CREATE FUNCTION").encode())
        said = invoke(command, PGUNWIND_DSN=bare_dsn)
        assert (said.status, said.output) == (3, "")
        assert said.errors.startswith("Error: ") and "Traceback" not in said.errors
        if command == "install":  # migrate keeps the steps that it has done, as alembic does
            assert conn.execute("select to_regnamespace('unwind')").fetchone() == (None,)
        assert (
            conn.execute("select from pg_proc where pronamespace::regnamespace::text ~ '^unwind'").rowcount
            == 0
        )
        assert invoke("status", PGUNWIND_DSN=bare_dsn).status == 3
        conn.execute("drop event trigger t")
    assert invoke(command, PGUNWIND_DSN=bare_dsn).status == 0


@pytest.mark.parametrize(("command", "tag"), [("uninstall", "DROP SCHEMA"), ("grant", "GRANT")])
def test_a_server_that_goes_while_it_uninstalls_or_grants_leaves_all_as_it_was(
    shop: Any, pgunwind: Run, stranger: str, command: str, tag: str
) -> None:
    shop.start("r", "COMPLETED")
    role = psycopg.conninfo.conninfo_to_dict(stranger)["user"]
    shop.conn.execute(GOING.format(tag=tag).encode())
    said = pgunwind(*[str(role) if word == LONG else word for word in CHANGES[command]])
    assert (said.status, said.output) == (3, "")
    assert said.errors.startswith("Error: ") and "Traceback" not in said.errors
    assert shop.status("r") == "COMPLETED"
    assert shop.value("select has_schema_privilege(%s, 'unwind', 'usage')", role) is False
    shop.conn.execute("drop event trigger t")


def test_an_incident_whose_server_goes_leaves_each_run_undone_or_as_it_was(shop: Any, pgunwind: Run) -> None:
    for run in ("r1", "r2", "r3"):
        shop.start(run)
    shop.conn.execute(ENDING)
    shop.conn.execute("""
        create trigger t before delete on orders for each row when (old.id = 'r2')
        execute function end_session()
    """)
    shop("select unwind.compile_workflow('shop')")
    said = pgunwind("undo", "--workflow", "shop", "--yes")
    assert (said.status, said.output) == (3, "")
    assert "Error: the server went away: 1 of 3 runs are undone, the others are as they were" in said.errors
    assert [shop.status(run) for run in ("r1", "r2", "r3")] == ["FAILED", "FAILED", "COMPENSATED"]
    assert shop.rows() == 6


ENDING = """
create function end_session() returns trigger language plpgsql as
$$ begin perform pg_terminate_backend(pg_backend_pid()); return old; end $$;
"""
ending_template = holding(ENDING)


@pytest.mark.parametrize("words", [("undo", "r", "--yes"), ("undo", "r", "--yes", "--batches"), ("recover",)])
def test_a_server_that_goes_in_mid_command_is_one_line_and_leaves_nothing_half_done(
    shop: ShopOfRuns, pgunwind: Run, words: tuple[str, ...]
) -> None:
    shop.start("r")
    shop.conn.execute(ENDING)
    shop.conn.execute("create trigger t before delete on orders for each row execute function end_session()")
    shop("select unwind.compile_workflow('shop')")
    said = pgunwind(*words)
    assert said.status == 3
    assert said.errors.startswith("Error: ") and "Traceback" not in said.errors
    assert shop.status("r") in ("FAILED", "COMPENSATING")
    assert shop.count("orders") == 1
    shop.conn.execute("drop trigger t on orders")
    shop("select unwind.compile_workflow('shop')")
    assert pgunwind("undo", "r", "--yes", "--batches", "--force").status == 0
    assert (shop.status("r"), shop.rows()) == ("COMPENSATED", 0)
