"""The claim that a run holds. Nothing here does I/O."""

from __future__ import annotations

import os
import socket
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Final

from . import _commands
from ._commands import Command, Patience
from .errors import ClaimLost, LateHeartbeat, RunNotRunning
from .results import RunRow

DEFAULT_LEASE: Final = timedelta(minutes=5)
BEATS_PER_LEASE: Final = 3
RETRIES_PER_LEASE: Final = 15
"""A renewal that got no answer is tried again sooner than the next would be due."""
LOCK_PATIENCE: Final = 1.0
"""Seconds at most to wait for a run's row; others wait for their renewals meanwhile."""


def unique_worker() -> str:
    """A worker's name that no other run has: host, process and a random part."""
    return f"{host()}-{os.getpid()}-{os.urandom(4).hex()}"


host: Final = cache(socket.gethostname)


def require_running(row: RunRow) -> None:
    """Refuse to go on with a run that has ended."""
    if row.status != "RUNNING":
        raise RunNotRunning(
            f"run {row.id!r} is {row.status}",
            "Only a RUNNING run can be gone on with.",
            "To try again once it is COMPENSATED: unwind.run(…, run_id=…, if_exists='new').",
        )


def claimed_elsewhere(row: RunRow, worker: str) -> ClaimLost:
    """The error of whoever may not go on with a run, for somebody does."""
    return ClaimLost(
        f"run {row.id!r} is claimed by {row.claimed_by!r}, not by {worker!r}",
        f"That claim is live until {row.lease_expires_at}, unless it is renewed.",
        "Try again after that; to speak as that worker, give its name.",
    )


@dataclass(slots=True, eq=False)
class Claim:
    """What this client knows of its claim on a run."""

    run_id: str
    worker: str
    lease: timedelta
    clock: Callable[[], float] = time.monotonic
    lost: bool = False
    ending: bool = False
    """The run is about to end, and with it the claim: an answer may come too late to mean anything."""
    over: bool = False
    """Nothing is to be renewed any more."""
    due: float = field(init=False)
    """When the next renewal is."""
    _renewed: float = field(init=False)
    """When the renewal was asked for that was answered last."""
    _warned: bool = False
    _seconds: float = field(init=False)
    """The lease."""

    def __post_init__(self) -> None:
        self._seconds = self.lease.total_seconds()
        self.renewed(True, self.clock())

    def renewed(self, held: bool, asked: float) -> None:
        """Take note of an answer, and of when it was asked for: no earlier does the lease begin."""
        if not held:
            self.lost = self.lost or not self.ending
            return
        self._renewed, self._warned = asked, False
        self.due = asked + self._seconds / BEATS_PER_LEASE

    def unanswered(self) -> None:
        """Take note that there was no answer, which says nothing of the claim."""
        self.due = self.clock() + self._seconds / RETRIES_PER_LEASE

    @property
    def late(self) -> bool:
        """Whether less than a third of the lease is left: two renewals have failed, and none has said no."""
        left = self._renewed + self._seconds - self.clock()
        return not self.lost and left < self._seconds / BEATS_PER_LEASE

    def warn_if_late(self) -> None:
        """Warn once, until a renewal is answered again."""
        if not self.late or self._warned or self.ending:
            return
        warnings.warn(
            f"run {self.run_id!r}: no heartbeat was answered for {self.clock() - self._renewed:.1f} s, its "
            f"lease is {self._seconds:g} s: once that is over, recover_runs may undo the run",
            LateHeartbeat,
            stacklevel=2,
        )
        self._warned = True

    def assert_held(self) -> None:
        """Raise ClaimLost once it is known to be lost."""
        if self.lost:
            raise ClaimLost(
                f"worker {self.worker!r} has lost its claim on run {self.run_id!r}",
                "Its lease expired and the run was taken over, undone or ended by somebody else.",
                "Stop, and start another run; to see what became of this one: select * from "
                f"unwind.workflow_runs where id = '{self.run_id}';",
            )

    def renewal(self) -> Command[bool]:
        """The command that renews it; a row that somebody has locked is not waited for."""
        renewal = _commands.renew_claim(self.run_id, self.worker, self.lease)
        seconds = min(LOCK_PATIENCE, self._seconds / RETRIES_PER_LEASE)
        return _commands.patient(renewal, Patience(seconds, at_once=True))
