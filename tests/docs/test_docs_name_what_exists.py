"""What the documentation names is there: files, functions, SQLSTATEs, targets, dependencies."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import psycopg

import pgunwind
from documents import DOCUMENTS, PAGES, ROOT, text
from pgunwind import cli, errors, manifest

Connection = psycopg.Connection[Any]
Offenders = dict[str, set[str]]

# Functions of schema unwind are called by a verb and an object.
VERBS = (
    "act|adopt|bind|capture|check|claim|compensate|compile|complete|declare|define|describe|drop|enter|fail|find|forget|"
    "get|ignore|preview|purge|record|recover|release|renew|restore|rewind|start|stuck|suggest|unbind|uncapture|verify"
)
FILE = re.compile(r"(?<![\w./-])(?:sql|tests|pyclient|migrations|docs|\.ci)/[\w./-]+")
FUNCTION = re.compile(rf"\b(?:{VERBS})_[a-z_]+\b")

CLASSES = {
    error.sqlstate: error.__name__
    for error in errors.UnwindError.__subclasses__()
    if error.sqlstate is not None
}


def sqlstates() -> dict[str, list[str]]:
    """Return the rows of the table of SQLSTATEs, by their code."""
    lines = re.findall(r"^\| (UW\d{3}) \| (.*) \|$", text("docs/errors.md"), re.M)
    return {code: rest.split(" | ") for code, rest in lines}


def engine() -> str:
    """Return the text of the engine."""
    return "".join(path.read_text() for path in (ROOT / "sql" / "engine").rglob("*.sql"))


def existing(conn: Connection) -> set[str]:
    """Return the names of all functions, tables and views of schema unwind."""
    rows = conn.execute(
        "select proname from pg_proc where pronamespace = 'unwind'::regnamespace union"
        " select relname from pg_class where relnamespace = 'unwind'::regnamespace and relkind in ('r', 'v')"
    ).fetchall()
    return {name for (name,) in rows}


def headings(document: Path) -> set[str]:
    """Return the anchors that a document's headings make."""
    found = re.findall(r"^#+ (.*)$", document.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in found}


def only_offenders(found: Offenders) -> Offenders:
    """Return what was found, without the documents where nothing was."""
    return {document: names for document, names in found.items() if names}


# The pages ---------------------------------------------------------------------------------------


def test_the_readme_stays_short() -> None:
    assert len(text("README.md").splitlines()) <= 200


def test_the_readme_leads_to_every_page() -> None:
    linked = set(re.findall(r"\]\(([^)#]+)\)", text("README.md")))
    assert set(DOCUMENTS) - {"README.md"} <= linked


def test_lines_of_prose_are_not_too_long() -> None:
    found = {}
    for document in PAGES:
        prose = re.sub(r"^```.*?^```$|^\|.*?$", "", text(document), flags=re.M | re.S)
        found[document] = {line for line in prose.splitlines() if len(line) > 120}
    assert only_offenders(found) == {}


# Files -------------------------------------------------------------------------------------------


def test_every_file_that_is_named_exists() -> None:
    found = {}
    for document in DOCUMENTS:
        named = {name.rstrip(".") for name in FILE.findall(text(document))}
        named = {name for name in named if not name.startswith("sql/engine/steps/0002")}  # an example
        found[document] = {name for name in named if not (ROOT / name).exists()}
    assert only_offenders(found) == {}


def test_every_link_leads_to_a_file_and_a_heading() -> None:
    found: Offenders = {}
    for document in DOCUMENTS:
        found[document] = set()
        for path, anchor in re.findall(r"\]\((?!https:)([^)#]*)#?([^)]*)\)", text(document)):
            target = (ROOT / document).parent / path if path else ROOT / document
            if not target.exists() or (anchor and anchor not in headings(target)):
                found[document].add(f"{path}#{anchor}")
    assert only_offenders(found) == {}


def test_the_internals_name_files_of_the_engine() -> None:
    named = set(re.findall(r"`(\w+/\w+\.sql)`", text("docs/internals.md")))
    assert len(named) > 10
    assert {name for name in named if not (ROOT / "sql" / "engine" / name).exists()} == set()


def test_the_pages_for_dbas_name_every_script() -> None:
    scripts = {f"sql/dba/{path.name}" for path in (ROOT / "sql" / "dba").glob("*.sql")}
    pages = text("docs/operations.md") + text("docs/rights.md")
    assert scripts == set(re.findall(r"sql/dba/\w+\.sql", pages))


def test_the_map_of_the_sql_tree_and_the_rooms_are_complete_and_in_order() -> None:
    folders = list(dict.fromkeys(Path(file.path).parent.name for file in manifest.engine_files()))
    rooms = [folder for folder in folders if folder not in {"engine", "steps"}]
    drawn = re.findall(r"^      (\w+)/ ", text("sql/README.md"), re.M)
    assert drawn == ["steps", *rooms]
    assert re.findall(r"^\| `(\w+)/` \|", text("docs/internals.md"), re.M) == rooms


def test_no_private_place_is_named() -> None:
    found = {
        document: set(re.findall(r"(?<![\w.])/(?:work|tmp|root|home)\b", text(document)))
        for document in DOCUMENTS
    }
    assert only_offenders(found) == {}


# The command line --------------------------------------------------------------------------------


def test_the_page_of_the_command_line_names_every_command_and_exit_code() -> None:
    page = text("docs/command-line.md")
    rows = re.findall(r"^\| (`.*`) \| ", page, re.M)
    named = {command for row in rows for command in re.findall(r"`([a-z-]+)", row)}
    assert named == set(cli.main.commands)
    codes = {int(code) for code in re.findall(r"^\| (\d+) \| ", page, re.M)}
    assert codes == {code.value for code in cli.Exit}


def test_every_command_of_ours_in_the_documentation_exists_and_has_its_options() -> None:
    found: Offenders = {}
    for document in PAGES:
        found[document] = set()
        for name, words in re.findall(r"\bpgunwind ([a-z-]+)((?: [^`|\n)]*)?)", text(document)):
            command = cli.main.commands.get(name)
            if command is None:
                continue
            options = {option for parameter in command.params for option in parameter.opts}
            found[document] |= {
                f"{name} {word}" for word in re.findall(r"(?<=\s)--[a-z-]+", words) if word not in options
            } - {f"{name} --help"}
    assert only_offenders(found) == {}


# Functions ---------------------------------------------------------------------------------------


def test_every_function_that_is_named_exists(conn: Connection) -> None:
    there = existing(conn) | {path.stem for path in (ROOT / "sql" / "dba").glob("*.sql")}
    found = {}
    for document in DOCUMENTS:
        quoted = " ".join(re.findall(r"`([^`\n]+)`", text(document)))
        named = set(FUNCTION.findall(re.sub(r"\w+/\w+\.sql|unwind_internal\.\w+", "", quoted)))
        # Generated functions are called after workflows.
        named -= set(re.findall(r"unwind_compiled\.(\w+)", text(document)))
        named -= {"claim_lost", "stuck_after"}  # a property of the Python run, and a setting
        found[document] = named - there
    assert only_offenders(found) == {}


def test_everything_said_to_be_in_schema_unwind_is_there(conn: Connection) -> None:
    # Settings, what the Python client alone has, alembic's own table.
    there = existing(conn) | {"now", "stuck_after", "run", "undoing", "attach", "record", "alembic_version"}
    found = {
        document: set(re.findall(r"\bunwind\.([a-z_]+)", text(document))) - there for document in DOCUMENTS
    }
    assert only_offenders(found) == {}


def test_every_public_function_and_table_is_named_somewhere(conn: Connection) -> None:
    everything = "".join(text(document) for document in DOCUMENTS)
    assert {name for name in existing(conn) if name not in everything} == set()


# SQLSTATEs ---------------------------------------------------------------------------------------


def test_every_sqlstate_of_the_engine_is_in_the_table_and_has_an_exception() -> None:
    # UW999 never leaves check_plan_is_current, which raises it to take its trial back.
    raised = set(re.findall(r"\bUW\d{3}\b", engine())) - {"UW999"}
    assert raised
    assert raised <= set(sqlstates()) == set(CLASSES)


def test_the_table_of_sqlstates_stands_once() -> None:
    having = [document for document in DOCUMENTS if re.search(r"^\| UW\d{3} \|", text(document), re.M)]
    assert having == ["docs/errors.md"]


def test_what_is_said_to_be_raised_by_nothing_is() -> None:
    reserved = {code for code, row in sqlstates().items() if "Nothing raises it yet" in row[-1]}
    assert {code for code in CLASSES if code not in engine()} == reserved


def test_the_table_has_the_exceptions_of_the_client() -> None:
    assert {code: row[1] for code, row in sqlstates().items()} == {
        code: f"`{name}`" for code, name in CLASSES.items()
    }
    for name, python in ((row[0], row[1].strip("`")) for row in sqlstates().values()):
        assert name.replace("_", "") == python.lower()
        assert python in pgunwind.__all__


def test_the_page_of_errors_lists_for_every_function_what_its_comment_lists(conn: Connection) -> None:
    comments = conn.execute(
        "select p.proname, substring(obj_description(p.oid, 'pg_proc') from 'Errors: (.*)\\.$')"
        " from pg_proc as p where p.pronamespace = 'unwind'::regnamespace"
    ).fetchall()
    table = re.findall(r"^\| `(\w+)` \|(?: (.*))? \|$", text("docs/errors.md"), re.M)
    assert dict(table) == {name: listed or "" for name, listed in comments}
    assert len(table) == len(comments)


def test_the_page_of_errors_names_every_other_exception() -> None:
    others = {error.__name__ for error in errors.UnwindError.__subclasses__() if error.sqlstate is None}
    assert {name for name in others if f"`{name}`" not in text("docs/errors.md")} == set()


# Targets, dependencies, variables ----------------------------------------------------------------


def test_the_targets_of_make_are_all_there() -> None:
    targets = set(re.findall(r"^(\w+):.*##", text("Makefile"), re.M))
    assert set(re.findall(r"^\| `make (\w+)` \|", text("CONTRIBUTING.md"), re.M)) == targets - {"help"}


def test_the_reasons_for_dependencies_have_their_ranges() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    extras = {**project["optional-dependencies"], "": project["dependencies"]}
    needed = {
        (*re.fullmatch(r"([\w\[\]-]+)(.*)", line).groups(), extra)  # type: ignore[union-attr]
        for extra, lines in extras.items()
        for line in lines
        if not line.startswith("pgunwind[")
    }
    table = re.findall(r"^\| (\S+) \| ([<>=]\S+) \| (\w*) ?\| .+ \|$", text("CONTRIBUTING.md"), re.M)
    assert set(table) == needed


def test_the_environment_variables_are_those_that_the_code_reads() -> None:
    code = "".join(
        path.read_text()
        for tree in ("pyclient", "migrations", "tests")
        for path in (ROOT / tree).rglob("*.py")
    )
    named = set(re.findall(r"^\| `(PGUNWIND_\w+)` \|", text("CONTRIBUTING.md"), re.M))
    read = set(re.findall(r'"(PGUNWIND_[A-Z_]+)"', code)) - {
        "PGUNWIND_TEST_SERVER"
    }  # that one is our own word
    assert named == read


def test_the_scripts_for_dbas_are_not_linted_as_plain_sql() -> None:
    assert "sql/dba/" in text(".sqlfluffignore").splitlines()
