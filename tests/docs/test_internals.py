"""docs/internals.md prints the function for one run of the reference workflow as it is generated today.

After a change of the compiler, write it anew:
PGUNWIND_WRITE_DOCS=1 make test PYTEST_ARGS=tests/docs/test_internals.py
"""

from __future__ import annotations

import os
import re
from typing import Any

import psycopg
import pytest

from documents import ROOT, blocks, text

PAGE = "docs/internals.md"


@pytest.fixture
def generated(reference_conn: psycopg.Connection[Any]) -> str:
    """The function, as psql's sf shows it."""
    row = reference_conn.execute(
        "select pg_get_functiondef('unwind_compiled.compensate_one_client_to_delivery'::regproc)"
    ).fetchone()
    assert row
    return str(row[0])


def test_the_function_on_the_page_is_the_one_that_is_generated(generated: str) -> None:
    if os.environ.get("PGUNWIND_WRITE_DOCS"):
        before, _, after = re.split(r"(```plpgsql\n.*?^```$)", text(PAGE), maxsplit=1, flags=re.M | re.S)
        (ROOT / PAGE).write_text(f"{before}```plpgsql\n{generated}```{after}")
    assert [block.text for block in blocks(PAGE) if block.language == "plpgsql"] == [generated]


def test_it_can_be_read_at_a_glance(generated: str) -> None:
    assert [line for line in generated.splitlines() if len(line) > 120] == []
    assert len(generated.splitlines()) <= 120


def test_the_page_names_what_it_calls(generated: str) -> None:
    called = set(re.findall(r"unwind_internal\.(\w+)\(", generated))
    named = set(re.findall(r"\w+", text(PAGE).split("```plpgsql")[0].rsplit("## ", maxsplit=1)[-1]))
    assert called <= named
