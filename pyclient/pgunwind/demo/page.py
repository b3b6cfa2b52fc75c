"""The page of evidence that is left of a demo."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from pgunwind import Unwind, evidence


def write(conn: psycopg.Connection[Any], run_ids: Sequence[str]) -> Path:
    """Write a page on these runs, where temporary files lie; return where."""
    page = evidence.write(Unwind(conn).describe_runs(run_ids))
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix="pgunwind-evidence-", suffix=".html", delete=False
    ) as file:
        file.write(page)
    return Path(file.name)
