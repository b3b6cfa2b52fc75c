"""What a client knows of a run that it started. Nothing here does I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from weakref import WeakKeyDictionary

from ._capture import Capture
from ._connections import AnyConnection, in_transaction
from .errors import RunNotRunning
from .results import Receipt, RunResult, RunStatus

EntityKey = tuple[str, ...]
Entity = tuple[str, EntityKey]
"""A step and an entity key."""


@dataclass(slots=True)
class RunState:
    """What this client knows of one run."""

    run_id: str
    workflow: str
    capture: Capture
    status: RunStatus = "RUNNING"
    steps: list[str] = field(default_factory=list)
    receipts: tuple[Receipt, ...] = ()
    error: str | None = None
    failure: str | None = None
    """Why the run is to be undone though its block is left normally: what fail() was told."""
    keys: set[Entity] = field(default_factory=set)
    """What was recorded, as far as this client knows."""
    _open: dict[AnyConnection, list[Entity]] = field(default_factory=dict)
    """Of the steps that are open: what is recorded once they commit."""
    given: Mapping[AnyConnection, list[str]] = field(default_factory=dict)
    """Connections that record() was given, each with the steps recorded on it.

    Their transactions hold the run's row, end when they like, and nobody tells whether by a commit.
    """

    def has_failed(self) -> RunNotRunning:
        """The error of whoever begins what would only be undone."""
        return RunNotRunning(
            f"run {self.run_id!r} has failed: {self.failure}",
            "run.fail() was called: what is done from now on would be undone when the block is left.",
            "Leave the block.",
        )

    def recorded(self, step: str, keys: Iterable[EntityKey], connection: AnyConnection | None = None) -> None:
        """Take note of it: recorded in a transaction of its own, of a step, or of a connection of others."""
        entities = [(step, key) for key in keys]
        if connection in self._open:
            self._open[connection] += entities
            return
        self.keys.update(entities)
        if connection is not None:
            given = WeakKeyDictionary(self.given)
            given.setdefault(connection, []).append(step)
            self.given = given

    def step_opened(self, step: str, key: EntityKey, connection: AnyConnection) -> None:
        self._open[connection] = [(step, key)] if key else []

    def step_closed(self, step: str, connection: AnyConnection, committed: bool) -> None:
        recorded = self._open.pop(connection, [])
        if committed:
            self.keys.update(recorded)
            if step not in self.steps:
                self.steps.append(step)

    def given_committed(self, steps: Iterable[str]) -> None:
        """Take note of the steps that the database has, with which those of given connections are known."""
        recorded = set(chain.from_iterable(self.given.values()))
        self.given = {}
        new = (step for step in steps if step in recorded and step not in self.steps)
        self.steps.extend(dict.fromkeys(new))

    def keys_per_step(self) -> dict[str, int]:
        return dict(Counter(step for step, _ in self.keys))

    @property
    def has_work(self) -> bool:
        """Whether there may be something to undo, as far as this client knows."""
        return bool(self.keys) or self.capture.has_entered

    def still_open(self) -> list[Any]:
        """Connections that record() was given, or that have entered the run, if they are in a transaction."""
        return [given for given in self.given if in_transaction(given)] + self.capture.still_open()

    def result(self, run_id: str) -> RunResult:
        ended = [steps for given, steps in self.given.items() if not in_transaction(given)]
        steps = tuple(dict.fromkeys([*self.steps, *chain.from_iterable(ended)]))
        return RunResult(run_id, self.workflow, self.status, steps, self.receipts, self.error)
