"""What the documentation names is there: files, functions, SQLSTATEs, targets, dependencies."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

import pgunwind
from pgunwind import errors

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "sql/README.md"]
NOT_YET = "What is not there yet"

# Functions of schema unwind are called by a verb and an object.
VERBS = (
    "act|check|claim|compensate|compile|complete|declare|define|describe|drop|fail|find|preview|purge|record|"
    "recover|release|renew|rewind|start|stuck|suggest|verify"
)
FUNCTION = re.compile(rf"\b(?:{VERBS})_[a-z_]+\b")

CLASSES = {
    error.sqlstate: error.__name__
    for error in errors.UnwindError.__subclasses__()
    if error.sqlstate is not None
}


def text(document: str) -> str:
    return (ROOT / document).read_text()


def sqlstates(document: str) -> dict[str, list[str]]:
    """Return the rows of a document's table of SQLSTATEs."""
    lines = re.findall(r"^\| (UW\d{3}) \| (.*) \|$", text(document), re.M)
    return {code: rest.split(" | ") for code, rest in lines}


def existing_functions(conn: psycopg.Connection[Any]) -> set[str]:
    rows = conn.execute("select proname from pg_proc where pronamespace = 'unwind'::regnamespace").fetchall()
    return {name for (name,) in rows}


def existing_relations(conn: psycopg.Connection[Any]) -> set[str]:
    rows = conn.execute("select relname from pg_class where relnamespace = 'unwind'::regnamespace").fetchall()
    return {name for (name,) in rows}


# Files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_is_named_exists(document: str) -> None:
    content = text(document)
    named = set(re.findall(r"(?<![\w./-])((?:sql|tests|pyclient|migrations|\.ci)/[\w./-]+)", content))
    linked = {
        str(Path(document).parent / target)
        for target in re.findall(r"\]\(([^)#]+)\)", content)
        if not target.startswith("https:")
    }
    future = {name for name in named if re.match(r"sql/engine/steps/0002", name)}
    missing = {
        name.rstrip(".") for name in (named | linked) - future if not (ROOT / name.rstrip(".")).exists()
    }
    assert not missing


def test_the_readme_names_every_script_for_dbas() -> None:
    scripts = {f"sql/dba/{path.name}" for path in (ROOT / "sql" / "dba").glob("*.sql")}
    assert scripts <= set(re.findall(r"sql/dba/\w+\.sql", text("README.md")))


def test_the_map_of_the_sql_tree_is_complete() -> None:
    shown = set(re.findall(r"^ +(\w+)/ ", text("sql/README.md"), re.M))
    folders = {path.parent.name for path in (ROOT / "sql" / "engine").glob("*/*.sql")}
    assert folders <= shown


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_private_place_is_named(document: str) -> None:
    assert not re.search(r"(?<![\w.])/(?:work|tmp|root|home)\b", text(document))


# Functions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_function_that_is_named_exists_or_is_said_not_to(
    document: str, conn: psycopg.Connection[Any], section: Callable[[str], str]
) -> None:
    quoted = " ".join(re.findall(r"`([^`\n]+)`", text(document)))
    named = set(FUNCTION.findall(quoted))
    not_yet = set(FUNCTION.findall(section(NOT_YET)))
    # Generated functions are called after workflows.
    named -= set(re.findall(r"unwind_compiled\.(\w+)", text(document)))
    named -= {"claim_lost"}  # a property of the Python run
    scripts = {path.stem for path in (ROOT / "sql" / "dba").glob("*.sql")}
    assert named - not_yet - scripts <= existing_functions(conn) | existing_relations(conn)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_everything_said_to_be_in_schema_unwind_is_there(
    document: str, conn: psycopg.Connection[Any]
) -> None:
    named = set(re.findall(r"\bunwind\.([a-z_]+)", text(document))) - {"now", "run", "alembic_version"}
    # unwind.compensate_run("…") of the Python examples has the same names.
    assert named <= existing_functions(conn) | existing_relations(conn)


def test_what_is_not_there_yet_is_not_there(
    conn: psycopg.Connection[Any], section: Callable[[str], str]
) -> None:
    lists = re.findall(r"^- [^:]*: ((?:`\w+`(?:, )?)+)", section(NOT_YET), re.M)
    named = {name for names in lists for name in re.findall(r"\w+", names)}
    assert not named & existing_functions(conn)


def test_every_public_function_is_named_somewhere(conn: psycopg.Connection[Any]) -> None:
    everything = "".join(text(document) for document in DOCUMENTS)
    assert {name for name in existing_functions(conn) if name not in everything} == set()


# SQLSTATEs ---------------------------------------------------------------------------------------


def test_every_sqlstate_of_the_engine_is_in_the_tables_and_has_an_exception() -> None:
    engine = "".join(path.read_text() for path in (ROOT / "sql" / "engine").rglob("*.sql"))
    # UW999 never leaves check_plan_is_current, which raises it to take its trial back.
    raised = set(re.findall(r"\bUW\d{3}\b", engine)) - {"UW999"}
    assert raised
    assert raised <= set(CLASSES)
    assert set(sqlstates("README.md")) == set(CLASSES) == set(sqlstates("sql/README.md"))


def test_what_is_said_to_be_raised_by_nothing_is() -> None:
    engine = "".join(path.read_text() for path in (ROOT / "sql" / "engine").rglob("*.sql"))
    reserved = {code for code, row in sqlstates("README.md").items() if "Nothing raises it yet" in row[-1]}
    assert {code for code in CLASSES if code not in engine} == reserved


def test_the_tables_agree_on_names_and_exceptions() -> None:
    readme = sqlstates("README.md")
    assert {code: row[0] for code, row in readme.items()} == {
        code: row[0] for code, row in sqlstates("sql/README.md").items()
    }
    assert {code: row[1] for code, row in readme.items()} == {
        code: f"`{name}`" for code, name in CLASSES.items()
    }
    for name, python in ((row[0], row[1].strip("`")) for row in readme.values()):
        assert name.replace("_", "") == python.lower()
        assert python in pgunwind.__all__


def test_the_readme_names_every_other_exception() -> None:
    others = {error.__name__ for error in errors.UnwindError.__subclasses__() if error.sqlstate is None}
    assert all(f"`{name}`" in text("README.md") for name in others)


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
