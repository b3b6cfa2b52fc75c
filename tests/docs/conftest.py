"""Documentation as data: its blocks, and what runs them as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

ROOT = Path(__file__).parents[2]

_LIBPQ = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "options": "PGOPTIONS",
}


@dataclass(frozen=True)
class Block:
    """A fenced block of a Markdown file, and the text block that follows it as its expected output."""

    language: str
    text: str
    expected: str | None


@dataclass(frozen=True)
class Outcome:
    """What a program printed, both streams in one, and its exit status."""

    output: str
    status: int


Blocks = Callable[..., list[Block]]
Shell = Callable[..., Outcome]
Same = Callable[[str, str], bool]


@pytest.fixture
def root() -> Path:
    """Return the top of the checkout."""
    return ROOT


@pytest.fixture
def section() -> Callable[[str], str]:
    """Return what gives a section of the README by its heading."""

    def find(heading: str) -> str:
        readme = (ROOT / "README.md").read_text()
        found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", readme, re.M | re.S)
        assert found is not None, f"the README has no section {heading}"
        return found[1]

    return find


@pytest.fixture
def blocks(section: Callable[[str], str]) -> Blocks:
    """Return what gives the blocks of a section in these languages."""

    def find(heading: str, *languages: str) -> list[Block]:
        fenced = re.findall(r"^```(\w*)\n(.*?)^```$", section(heading), re.M | re.S)
        following = [*fenced[1:], ("", "")]
        return [
            Block(language, text, after if kind == "text" else None)
            for (language, text), (kind, after) in zip(fenced, following, strict=True)
            if language in languages
        ]

    return find


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
