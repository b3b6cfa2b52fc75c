"""What a client knows of a run that it started. Nothing here does I/O."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from weakref import WeakSet

from ._connections import AnyConnection, in_transaction
from .results import Receipt, RunResult, RunStatus

Entity = tuple[str, tuple[str, ...]]
"""A step and an entity key."""


@dataclass(slots=True)
class RunState:
    """What this client knows of one run."""

    run_id: str
    workflow: str
    status: RunStatus = "RUNNING"
    steps: list[str] = field(default_factory=list)
    receipts: tuple[Receipt, ...] = ()
    error: str | None = None
    keys: set[Entity] = field(default_factory=set)
    """What was recorded, as far as this client knows."""
    _open: dict[AnyConnection, list[Entity]] = field(default_factory=dict)
    """Of the steps that are open: what is recorded once they commit."""
    _given: WeakSet[AnyConnection] = field(default_factory=WeakSet)
    """Connections that record() was given: their transactions hold the run's row, and end when they like."""

    def recorded(self, entity: Entity, connection: AnyConnection | None = None) -> None:
        """Take note of it: recorded in a transaction of its own, of a step, or of a connection of others."""
        if connection in self._open:
            self._open[connection].append(entity)
            return
        self.keys.add(entity)
        if connection is not None:
            self._given.add(connection)

    def step_opened(self, connection: AnyConnection) -> None:
        self._open[connection] = []

    def step_closed(self, step: str, connection: AnyConnection, committed: bool) -> None:
        recorded = self._open.pop(connection, [])
        if committed:
            self.keys.update(recorded)
            if step not in self.steps:
                self.steps.append(step)

    def keys_per_step(self) -> dict[str, int]:
        return dict(Counter(step for step, _ in self.keys))

    def given_in_transaction(self) -> AnyConnection | None:
        """A connection that record() was given, and that has not ended its transaction, or is in another."""
        return next((given for given in self._given if in_transaction(given)), None)

    def result(self) -> RunResult:
        return RunResult(
            self.run_id, self.workflow, self.status, tuple(self.steps), self.receipts, self.error
        )
