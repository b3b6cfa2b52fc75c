"""The check that a test is in: could its runs be undone by their recorded keys? Nothing here does I/O."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from .results import Change


class Check:
    """Runs that ended within it, and what their recorded keys would have left."""

    def __init__(self) -> None:
        self.runs: dict[str, tuple[Any, Any]] = {}
        """By id: the client, synchronous or not, and the run."""
        self._found: dict[str, str | Exception] = {}

    def note(self, unwind: Any, run: Any, found: str | Exception) -> None:
        """Take note of a run whose block is left."""
        self.runs[run.id] = unwind, run
        self._found[run.id] = found

    def judge(self) -> None:
        """Raise what was found."""
        for found in self._found.values():
            if isinstance(found, Exception):
                raise found
        if texts := [text for text in self._found.values() if text]:
            raise AssertionError("\n".join(map(str, texts)))
        if not self.runs:
            raise AssertionError("no run was made within the check")


checking: ContextVar[Check | None] = ContextVar("pgunwind_check", default=None)
"""Within it all runs capture."""


def uncovered_text(run_id: str, workflow: str, changes: Iterable[Change]) -> str:
    """Say which rows the recorded keys would leave as the run has left them; nothing if there are none."""
    lines = [
        f"  {change.action} {change.table_name} {change.row_key} {' '.join(change.changed_columns)}".rstrip()
        for change in changes
    ]
    said = [f"run {run_id!r} of {workflow!r}: its recorded keys would not", *lines]
    return "\n".join(said) if lines else ""
