"""How far something is: a bar on a terminal, now and then a line where there is none. On stderr."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from ._screen import console, tell

PAUSE = 2.0
"""Seconds between two lines, where there is no terminal."""


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s")


class Bar:
    """A bar that ends with its block, and stays where it was left."""

    def __init__(self, what: str, total: int, unit: str, done: int = 0) -> None:
        self.total = total
        self.done = done
        self._what = what
        self._unit = unit
        self._terminal = console(err=True)
        self._told = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn(f"{{task.completed:,.0f}} of {{task.total:,.0f}} {unit}"),
            _Rate(),
            TimeRemainingColumn(compact=True),
            console=self._terminal,
            expand=True,
            disable=not self._terminal.is_terminal,
        )
        self._task = self._bar.add_task(what, total=total, completed=done)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def to(self, done: int, total: int | None = None) -> None:
        """Say how far it is, and of how many if that has changed."""
        self.done, self.total = done, max(total or self.total, done)
        self._bar.update(self._task, completed=self.done, total=self.total)
        if not self._terminal.is_terminal and time.monotonic() - self._told >= PAUSE:
            self._told = time.monotonic()
            tell(f"{self._what}: {self.done:,} of {self.total:,} {self._unit}")
