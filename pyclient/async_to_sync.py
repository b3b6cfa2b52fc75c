"""Writes the synchronous client from the asynchronous one: the same words without async and await.

    python pyclient/async_to_sync.py           writes the files
    python pyclient/async_to_sync.py --check   says which differ, and fails

What threads and event loops do differently is not for this script: it stands in _concurrency.py and
_shield.py, by hand, twice, under names that differ by Async alone.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).with_name("pgunwind")
RUFF = Path(sys.executable).with_name("ruff")

HEADER = "# Made from {source} by make sync-client: change that file, not this one.\n\n"
WORDS = [
    (r"\basync (?=def|with|for)", ""),
    (r"\bawait ", ""),
    (r"\ban (?=Async)", "a "),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\basync_(?=[a-z])", ""),
    (r"\b_async_", "_"),
    (r"\basynccontextmanager\b", "contextmanager"),
    (r"\bAbstractAsyncContextManager\b", "AbstractContextManager"),
    (r"\benter_async_context\b", "enter_context"),
    (r"\baclosing\b", "closing"),
    (r"\b__a(?=(?:enter|exit)__)", "__"),
    (r"\bAwaitable\[((?:\w|\.|\[\w+\])+)\]", r"\1"),
    (r"\basynchronous\b", "synchronous"),
    (r"\b([Tt])ask(?=s?\b)", r"\1hread"),
]
"""What is written otherwise, in code, docstrings and comments alike."""

TIDY = [
    # Names sort otherwise, some are not needed, and of two blocks, with and async with, one can be made.
    ["check", "--fix", "--unsafe-fixes", "--exit-zero", "--quiet", "--select=I,F401,SIM117,UP028"],
    ["format", "--quiet"],
]
"""Commands of ruff: the written files pass make lint as others do."""


def sources() -> list[Path]:
    """Return the files of the asynchronous client."""
    return sorted([*PACKAGE.glob("_async_*.py"), PACKAGE / "async_client.py"])


def target(source: Path) -> Path:
    """Return the file that is written from this one."""
    return source.with_name(source.name.replace("async_", "", 1))


def synchronous(source: Path) -> str:
    """Return what the file is without async and await, as ruff would have it."""
    text = source.read_text()
    for asynchronous, word in WORDS:
        text = re.sub(asynchronous, word, text)
    text = HEADER.format(source=source.name) + text
    for command in TIDY:
        text = ruff(*command, f"--stdin-filename={target(source)}", text=text)
    return text


def ruff(*command: str, text: str) -> str:
    """Return the text as ruff leaves it."""
    return subprocess.run(
        [RUFF, *command, "-"], input=text, text=True, capture_output=True, check=True
    ).stdout


def main(arguments: list[str]) -> int:
    """Write the files, or compare them."""
    wanted = {target(source): synchronous(source) for source in sources()}
    differing = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if arguments != ["--check"]:
        for path in differing:
            path.write_text(wanted[path])
        return 0
    for path in differing:
        print(f"{path} is not what its asynchronous twin makes of it: type make sync-client", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
