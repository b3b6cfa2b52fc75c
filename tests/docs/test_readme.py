"""The README's examples, run word for word, give the output that stands under them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

PSQL = ("psql", "-X")
MARK = "----- next block -----"
ADDRESS = "dbname=shop"  # the database that the README's examples are about
ROLE = "shop_app"


@pytest.fixture
def played(bare_dsn: str, blocks: Any, shell: Any) -> list[tuple[Any, Any]]:
    """Play section From psql in a fresh database; return its blocks and their outcomes."""
    played = []
    for block in blocks("From psql", "sh", "sql"):
        typed = block.language == "sql"
        outcome = shell(bare_dsn, *PSQL, typed=block.text) if typed else shell(bare_dsn, block.text)
        played.append((block, outcome))
    return played


@pytest.fixture
def script(bare_dsn: str, played: Any, blocks: Any, shell: Any, tmp_path: Path) -> Any:
    """Run the blocks of section From Python as one script after that."""
    text = f"print({MARK!r})\n".join(block.text for block in blocks("From Python", "python"))
    (tmp_path / "readme.py").write_text(text.replace(ADDRESS, bare_dsn))
    return shell(bare_dsn, sys.executable, "-W", "error", "readme.py")


@pytest.fixture
def role(server_dsn: str, bare_dsn: str) -> Iterator[str]:
    """Return a new role; roles belong to the server, so it is dropped again."""
    name = f"docs_{uuid4().hex[:12]}"
    with psycopg.connect(server_dsn, autocommit=True) as conn:
        conn.execute(f"create role {name}".encode())
        yield name
        with psycopg.connect(bare_dsn, autocommit=True) as inside:
            inside.execute(f"drop owned by {name}".encode())
        conn.execute(f"drop role {name}".encode())


def test_section_from_psql_does_what_it_says(played: Any, same: Any) -> None:
    assert len(played) > 5
    for block, outcome in played:
        assert outcome.status == 0, f"{block.text}\n{outcome.output}"
        if block.expected is None:
            assert "ERROR" not in outcome.output, f"{block.text}\n{outcome.output}"
        else:
            assert same(block.expected, outcome.output), f"{block.text}\n{outcome.output}"


def test_section_from_python_does_what_it_says(script: Any, blocks: Any, same: Any) -> None:
    assert script.status == 0, script.output
    sections = blocks("From Python", "python")
    outputs = script.output.split(f"{MARK}\n")
    for block, output in zip(sections, outputs, strict=True):
        assert same(block.expected or "", output), f"{block.text}\n{output}"


def test_section_for_the_dba_does_what_it_says(
    bare_dsn: str, script: Any, blocks: Any, shell: Any, same: Any, section: Callable[[str], str]
) -> None:
    heading = "For the DBA at three in the morning"
    (listing,) = blocks(heading, "sh")
    outcome = shell(bare_dsn, listing.text)
    assert same(listing.expected, outcome.output), outcome.output

    commands = re.findall(r"^\|.*`(psql .*?)` \|$", section(heading), re.M)
    assert len(commands) >= 6
    # The payment of run-11 is in the way of run-12, as UW007 will say.
    refused = shell(bare_dsn, next(command for command in commands if "undo_run.sql" in command))
    assert refused.status == 3 and "rows of public.payments still refer" in refused.output
    for command in sorted(commands, key=lambda command: "force" not in command):
        outcome = shell(bare_dsn, command)
        assert outcome.status == 0, f"{command}\n{outcome.output}"


def test_the_compiled_function_can_be_read_as_said(
    bare_dsn: str, played: Any, blocks: Any, shell: Any
) -> None:
    (block,) = blocks("How it works", "sql")
    outcome = shell(bare_dsn, *PSQL, typed=block.text)
    assert "delete from public.order_lines" in outcome.output
    assert "execute" not in outcome.output.lower(), "it holds no dynamic SQL"


def test_section_installing_does_what_it_says(
    bare_dsn: str, blocks: Any, shell: Any, role: str, tmp_path: Path
) -> None:
    for block in blocks("Installing and upgrading", "sh"):
        for line in block.text.splitlines():
            outcome = shell(bare_dsn, line.replace(ADDRESS, bare_dsn).replace(ROLE, role))
            assert outcome.status == 0, f"{line}\n{outcome.output}"
    with psycopg.connect(bare_dsn) as conn:
        assert not conn.execute("select from pg_namespace where nspname like 'unwind%'").fetchall()

    # The script that was printed on the way installs it again.
    with psycopg.connect(bare_dsn, autocommit=True) as conn:
        conn.execute((tmp_path / "upgrade.sql").read_bytes())
        assert conn.execute("select unwind.schema_version()").fetchone() is not None


def test_the_demo_prints_what_is_shown_of_it(server_dsn: str, blocks: Any, same: Any) -> None:
    (block,) = blocks("Two commands", "demo")
    real = subprocess.run(
        [sys.executable, "-m", "pgunwind.demo"],
        env={**os.environ, "PGUNWIND_DSN": server_dsn},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    assert same(block.text, real), real


@pytest.mark.parametrize(
    ("documented", "real", "is_same"),
    [
        ("a\n…\nd\n", "a\nb\nc\nd\n", True),
        ("a\n…\nd\n", "a\nd\n", True),
        ("a … c\n", "a b c\n", True),
        ("a\nc\n", "a\nb\nc\n", False),
        (" a   | 1\n---+---\n", "a | 1 \n-----+--\n", True),
        ("a | 1\n", "a | 2\n", False),
    ],
)
def test_the_comparison_finds_what_differs(same: Any, documented: str, real: str, is_same: bool) -> None:
    assert same(documented, real) is is_same
