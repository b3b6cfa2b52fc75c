"""Where the database is: by option, by environment; and no password is ever printed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

Run = Callable[..., Any]
SECRET = "s3cr%ZZet"


@pytest.fixture
def parts(shop: Any, dsn: str) -> dict[str, str]:
    """The parts of the test's address."""
    return {name: str(value) for name, value in conninfo_to_dict(dsn).items()}


def url(parts: dict[str, str], scheme: str = "postgresql") -> str:
    return f"{scheme}://{parts['user']}@/{parts['dbname']}?host={parts['host']}&port={parts['port']}"


def as_environment(parts: dict[str, str]) -> dict[str, str]:
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
    return {names[name]: value for name, value in parts.items() if name in names}


@pytest.mark.parametrize("words", [("--dsn", "{}", "status"), ("status", "--dsn", "{}")])
def test_the_option_stands_before_the_command_or_after_it(
    shop: Any, dsn: str, invoke: Run, words: tuple[str, ...]
) -> None:
    said = invoke(
        *(word.format(dsn) for word in words), PGUNWIND_DSN="host=/nonexistent", DATABASE_URL="host=/no"
    )
    assert said.status == 0 and "shop" in said.output


def test_the_environment_is_asked_in_order(shop: Any, dsn: str, parts: dict[str, str], invoke: Run) -> None:
    wrong = {"DATABASE_URL": "host=/nonexistent", "PGHOST": "/nonexistent"}
    assert invoke("status", **{**wrong, "PGUNWIND_DSN": dsn}).status == 0
    assert invoke("status", **{**wrong, "DATABASE_URL": url(parts, "postgres")}).status == 0
    assert invoke("status", **as_environment(parts)).status == 0


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_url_may_be_sqlalchemys(parts: dict[str, str], invoke: Run, scheme: str) -> None:
    assert invoke("status", "--dsn", url(parts, scheme)).status == 0


def test_a_service_file_is_read(parts: dict[str, str], invoke: Run, tmp_path: Path) -> None:
    file = tmp_path / "services"
    file.write_text(
        "[shop]\n" + "".join(f"{name}={parts[name]}\n" for name in ("host", "port", "user", "dbname"))
    )
    assert invoke("status", PGSERVICEFILE=str(file), PGSERVICE="shop").status == 0
    assert invoke("status", "--dsn", "service=shop", PGSERVICEFILE=str(file)).status == 0


def test_migrate_reads_libpqs_environment_too(bare_dsn: str, invoke: Run) -> None:
    parts = {name: str(value) for name, value in conninfo_to_dict(bare_dsn).items()}
    assert invoke("migrate", **as_environment(parts)).status == 0


def test_no_server_is_one_line_and_says_where_else_it_could_be(invoke: Run) -> None:
    said = invoke("status", "--dsn", "host=/nonexistent")
    assert (said.status, said.output) == (3, "")
    [error, hint] = said.errors.splitlines()
    assert error.startswith("Error: connection") and hint.startswith(
        "Hint: Which database: --dsn, PGUNWIND_DSN"
    )


def test_no_such_database_is_one_line(parts: dict[str, str], invoke: Run) -> None:
    said = invoke("status", "--dsn", url({**parts, "dbname": "nowhere"}))
    assert said.status == 3 and 'database "nowhere" does not exist' in said.errors


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://ada:{SECRET}@localhost/shop",
        f"postgresql://ada:{SECRET}@/shop?host=/nonexistent",
        f"host=/nonexistent password={SECRET} sslmode=nonsense",
        f"host=/nonexistent password='{SECRET}'",
        f"password={SECRET} nonsense",
        f"postgresql://ada@/shop?host=/nonexistent&password={SECRET}",
    ],
)
@pytest.mark.parametrize("command", ["status", "migrate", "install"])
def test_no_password_is_printed(invoke: Run, address: str, command: str) -> None:
    said = invoke(command, "--debug", "--dsn", address)
    assert said.status in (1, 2, 3)
    assert "Traceback" in said.errors
    assert SECRET not in said.output + said.errors


def test_debug_adds_a_traceback(invoke: Run) -> None:
    assert "Traceback" not in invoke("status", "--dsn", "host=/nonexistent").errors
    for words in (["--debug", "status"], ["status", "--debug"]):
        assert "Traceback" in invoke(*words, "--dsn", "host=/nonexistent").errors


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_of_this_program(invoke: Run, shell: str) -> None:
    assert "_PGUNWIND_COMPLETE" in invoke("completion", shell).output


def test_completion_completes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pgunwind"],
        env={
            **os.environ,
            "_PGUNWIND_COMPLETE": "bash_complete",
            "COMP_WORDS": "pgunwind sta",
            "COMP_CWORD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "status" in done.stdout, done
