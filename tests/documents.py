"""The documentation as data: its documents, and the blocks in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").glob("*.md"))]
DOCUMENTS = [*PAGES, "CONTRIBUTING.md", "CHANGELOG.md", "sql/README.md"]

_BLOCK = r"^```(\w*)\n(.*?)^```$"
_COMMAND = r"^\|[^\n]*`(psql [^`\n]*)` \|$"


@dataclass(frozen=True)
class Block:
    """A fenced block of a document, or a psql command that ends a row of a table.

    The text block after it is its expected output.
    """

    language: str
    text: str
    expected: str | None = None


def text(document: str) -> str:
    """Return a document as it is written."""
    return (ROOT / document).read_text()


def blocks(document: str) -> list[Block]:
    """Return the blocks of a document, in reading order."""
    found = [
        Block("sh", command) if command else Block(language, content)
        for language, content, command in re.findall(f"{_BLOCK}|{_COMMAND}", text(document), re.M | re.S)
    ]
    return [
        replace(block, expected=after.text if after.language == "text" else None)
        for block, after in pairwise([*found, Block("", "")])
    ]


def examples(document: str) -> list[Block]:
    """Return the blocks of a document that are run."""
    return [block for block in blocks(document) if block.language in ("sh", "sql", "python")]
