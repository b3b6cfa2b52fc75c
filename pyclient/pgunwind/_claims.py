"""The claim that a run holds, and the heartbeat that renews it beside the run's own work."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from .errors import ClaimLost

BEATS_PER_LEASE: Final = 3
RETRIES_PER_LEASE: Final = 15
"""A renewal that got no answer is tried again sooner than the next would be due."""
PATIENCE: Final = 5.0
"""Seconds to wait for a renewal under way when the run ends; its connection may be dead."""


def unique_worker() -> str:
    """A worker's name that no other run has: host, process and a random part."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


@dataclass(slots=True)
class Claim:
    """What this client knows of its claim on a run. Nothing here does I/O."""

    run_id: str
    worker: str
    lease: timedelta
    lost: bool = False
    answered: bool = True
    """Whether the last renewal got an answer."""

    def pause(self) -> float:
        """Seconds until the next renewal."""
        return self.lease.total_seconds() / (BEATS_PER_LEASE if self.answered else RETRIES_PER_LEASE)

    def renewed(self, held: bool) -> None:
        """Take note of an answer."""
        self.answered = True
        self.lost = self.lost or not held

    def assert_held(self) -> None:
        """Raise ClaimLost once it is known to be lost."""
        if self.lost:
            raise ClaimLost(
                f"worker {self.worker!r} has lost its claim on run {self.run_id!r}",
                "Its lease expired and the run was taken over, undone or ended by somebody else.",
                "Stop, and start another run; to see what became of this one: select * from "
                f"unwind.workflow_runs where id = '{self.run_id}';",
            )


class Heartbeat:
    """Renews a claim in a thread of its own. Nothing is connected before the first renewal is due."""

    def __init__(self, claim: Claim, renew: Callable[[], bool]) -> None:
        self._claim = claim
        self._renew = renew
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"pgunwind {claim.run_id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(PATIENCE)

    def _beat(self) -> None:
        while not self._claim.lost and not self._stopped.wait(self._claim.pause()):
            try:
                self._claim.renewed(self._renew())
            except Exception:  # no answer says nothing of the claim; the server refuses what came too late
                self._claim.answered = False


class AsyncHeartbeat:
    """Renews a claim in a task of its own. Nothing is connected before the first renewal is due."""

    def __init__(self, claim: Claim, renew: Callable[[], Awaitable[bool]]) -> None:
        self._claim = claim
        self._renew = renew
        self._stopped = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._beat(), name=f"pgunwind {self._claim.run_id}")

    async def stop(self) -> None:
        self._stopped.set()
        if self._task is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._task, PATIENCE)

    async def _beat(self) -> None:
        while not self._claim.lost and not await self._stopped_within(self._claim.pause()):
            try:
                self._claim.renewed(await self._renew())
            except Exception:  # no answer says nothing of the claim; the server refuses what came too late
                self._claim.answered = False

    async def _stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)
        return self._stopped.is_set()
