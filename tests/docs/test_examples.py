"""The examples of the documentation, run word for word, give the output that stands under them."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from documents import PAGES, blocks, examples


@pytest.mark.parametrize("document", [page for page in PAGES if examples(page)])
def test_the_examples_of_a_document_do_what_it_says(document: str, play: Any, same: Any) -> None:
    for block, outcome in play(document):
        told = f"{block.text}\n{outcome.output}"
        assert outcome.status == 0 or "ERROR: " in (block.expected or ""), told
        if block.expected is not None:
            assert same(block.expected, outcome.output), told
        elif block.language == "python":
            assert outcome.output == "", told
        else:
            assert "ERROR: " not in outcome.output, told


def test_only_what_the_tests_have_not_got_is_not_run() -> None:
    not_run = [block.text for page in PAGES for block in blocks(page) if not block.language]
    assert [text for text in not_run if not any(word in text for word in ("cron.", "* * * * *", "──►"))] == []


def test_the_generated_function_that_is_shown_holds_no_dynamic_sql(play: Any) -> None:
    _, outcome = play("docs/internals.md")[-1]
    assert "delete from public.order_lines" in outcome.output
    assert "execute" not in outcome.output.lower()


def test_the_demo_prints_what_is_shown_of_it(server_dsn: str, same: Any) -> None:
    (shown,) = (block for block in blocks("README.md") if block.language == "demo")
    real = subprocess.run(
        [sys.executable, "-m", "pgunwind.demo"],
        env={**os.environ, "PGUNWIND_DSN": server_dsn},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    assert same(shown.text, real), real


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
