"""Schemas as text, to compare."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Dump = Callable[[str], str]
Psql = Callable[..., str]


@pytest.fixture
def dump(pg_bin: Path) -> Dump:
    """Return what dumps the schema of a database, without what differs from one dump to the next."""

    def make(dsn: str) -> str:
        text = run(pg_bin / "pg_dump", "--schema-only", "--exclude-table=unwind.alembic_version", dsn)
        # pg_dump guards its output with a random word.
        return "\n".join(
            line for line in text.splitlines() if not line.startswith(("\\restrict", "\\unrest"))
        )

    return make


@pytest.fixture
def psql(pg_bin: Path) -> Psql:
    """Return what runs psql as the documentation says."""

    def make(dsn: str, *arguments: str) -> str:
        return run(pg_bin / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", dsn, *arguments)

    return make


def run(*command: str | Path) -> str:
    """Run a program and return what it printed."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout
