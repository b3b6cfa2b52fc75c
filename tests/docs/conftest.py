"""What runs the examples of the documentation as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from documents import ROOT, Block, examples

_LIBPQ = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "options": "PGOPTIONS",
}


# What a reader has played before he comes to a document: the shop of the README, or more than that.
_BEFORE = {"README.md": None, "docs/operations.md": "docs/python.md"}

# The names in the examples, for which those of the test stand in.
_ADDRESS = "dbname=shop"
_ROLE = "shop_app"

_PSQL = ("psql", "-X")
_MARK = "----- next block -----"


@dataclass(frozen=True)
class Outcome:
    """What a program printed, both streams in one, and its exit status."""

    output: str
    status: int


Shell = Callable[..., Outcome]
Same = Callable[[str, str], bool]
Played = list[tuple[Block, Outcome]]
Play = Callable[[str], Played]


@pytest.fixture
def root() -> Path:
    """Return the top of the checkout."""
    return ROOT


@pytest.fixture
def shell(pg_bin: Path, tmp_path: Path) -> Shell:
    """Return what runs shell commands at the top of a checkout, with the database in libpq's environment."""
    (tmp_path / "sql").symlink_to(ROOT / "sql")

    def run(dsn: str, *command: str, typed: str | None = None) -> Outcome:
        address = {_LIBPQ[key]: str(value) for key, value in conninfo_to_dict(dsn).items() if key in _LIBPQ}
        path = f"{pg_bin}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            command if len(command) > 1 else ["bash", "-euo", "pipefail", "-c", *command],
            env={**os.environ, **address, "PATH": path, "PSQLRC": os.devnull},
            cwd=tmp_path,
            input=typed or "",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return Outcome(done.stdout, done.returncode)

    return run


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


@pytest.fixture
def play(bare_dsn: str, role: str, shell: Shell, tmp_path: Path) -> Play:
    """Return what runs a document's examples as a reader would, from the README on."""

    def run_python(scripts: list[str]) -> list[Outcome]:
        """Run a document's Python blocks, which are one script, and take its output apart."""
        (tmp_path / "script.py").write_text(f"print({_MARK!r})\n".join(scripts))
        done = shell(bare_dsn, sys.executable, "-W", "error", "script.py")
        return [Outcome(output, done.status) for output in done.output.split(f"{_MARK}\n")]

    def run(language: str, content: list[str]) -> list[Outcome]:
        content = [part.replace(_ADDRESS, bare_dsn).replace(_ROLE, role) for part in content]
        if language == "python":
            return run_python(content)
        if language == "sql":
            return [shell(bare_dsn, *_PSQL, typed=part) for part in content]
        return [shell(bare_dsn, part) for part in content]

    def played(document: str) -> Played:
        before = _BEFORE.get(document, "README.md")
        if before is not None:
            played(before)
        outcomes: Played = []
        for language, group in groupby(examples(document), key=lambda block: block.language):
            parts = list(group)
            done = run(language, [block.text for block in parts])
            done += [done[-1]] * (len(parts) - len(done))  # a script that ended before its end
            outcomes += [
                (block, replace(outcome, output=outcome.output.replace(role, _ROLE)))
                for block, outcome in zip(parts, done, strict=True)
            ]
        return outcomes

    return played


@pytest.fixture
def same() -> Same:
    """Return what compares documented output with real output.

    Ids, times, versions and the width of columns differ from run to run. … stands for what was left out.
    """

    def compare(documented: str, real: str) -> bool:
        lines = ["(?:.*\n)*?" if line == "…" else _pattern(line) for line in _plain(documented)]
        return re.fullmatch("".join(lines), "".join(f"{line}\n" for line in _plain(real))) is not None

    return compare


def _pattern(line: str) -> str:
    return ".*?".join(re.escape(part) for part in line.split("…")) + "\n"


def _plain(text: str) -> list[str]:
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*\+\d\d", "<time>", text)
    text = re.sub(r"\b\d\d:\d\d:\d\d\b", "<age>", text)
    text = re.sub(r"^PostgreSQL 1.* s$", "PostgreSQL <version>, <age>", text, flags=re.M)
    text = re.sub(r"-{2,}", "--", text)
    lines = (re.sub(r"\s+", " ", line).strip() for line in text.splitlines())
    return [line for line in lines if line]
