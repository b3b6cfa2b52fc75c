"""Which tests are most likely to notice a change: those of its room, first those that call what changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .calls import leading_to

ALWAYS = "lint/test_engine_files.py"
WAYS = "rules/test_all_ways_are_right.py"
UNDOING = ["facts", "planner", "compiler", "runtime", "batches"]
"""What is wrong there is mostly seen by whatever undoes a run."""
ROOMS = {
    "facts": "catalog planner rules proof runtime",
    "rights": "rights proof/test_rights.py runtime",
    "planner": "planner rules runtime stress/test_lock_order.py proof",
    "compiler": "compiler rules runtime planner recovery stress/test_lock_order.py",
    "drift": "proof/test_drift.py catalog runtime recovery/test_rows_that_move.py",
    "capture": "capture rights migrations",
    "restore": "restore capture",
    "runtime": "runtime rules recovery rights reference stress/test_lock_order.py",
    "batches": "recovery planner/test_cycles.py runtime client/test_recovery.py rules",
    "recovery": "recovery rights docs/test_dba_scripts.py rules",
    "alterations": "catalog proof/test_drift.py migrations",
    "proof": "proof rules catalog planner",
    "definition": "catalog compiler runtime planner proof",
    "authoring": "catalog docs/test_examples.py",
    "evidence": "evidence docs/test_examples.py",
    "steps": "migrations rules runtime recovery rights",
    "client": "client reference cli",
}
SLOW = ["test_pooler.py", "test_big_catalogs.py"]
"""One plays those of its folder again, one takes the time."""
OTHERS = "migrations rules rights names server"
"""Of what belongs to no room: the lock of an installation, grants, the path."""


def files_for(tests: Path, file: str) -> list[Path]:
    """The test files for a source file: those named as it, then those that call it over the fewest others."""
    path = Path(file)
    room = "client" if path.suffix == ".py" else path.parent.name
    name = path.stem.removeprefix("_async_").removeprefix("_")
    leading = leading_to(tests.parent / "sql" / "engine", name)
    files = list(_files(tests, ROOMS.get(room, OTHERS).split()))
    files.sort(key=lambda test: (not _is_called_after(test, name), _nearness(test, leading)))
    first = [] if room == "client" else [tests / ALWAYS, *([tests / WAYS] if room in UNDOING else [])]
    return list(dict.fromkeys([*first, *files]))


def _is_called_after(test: Path, name: str) -> bool:
    """Whether the file is named after one of its longer words."""
    return any(len(word) > 4 and word[:6] in test.stem for word in name.split("_"))


def _nearness(test: Path, leading: dict[str, int]) -> tuple[int, float]:
    """How many calls are between what the file names and what changed, and how often it names that."""
    text = test.read_text()
    named = [leading[word] for word in re.findall(r"\w+", text) if word in leading]
    nearest = min(named, default=len(leading))
    return nearest, -named.count(nearest) / len(text)


def _files(tests: Path, names: list[str]) -> Iterator[Path]:
    for name in names:
        path = tests / name
        files = sorted(path.glob("test_*.py"), key=_size) if path.is_dir() else [path]
        yield from (file for file in files if file.name not in SLOW)


def _size(path: Path) -> int:
    return path.stat().st_size
