"""The heartbeat that renews the claims of a client's runs beside their own work.

One for all runs of a client, on a connection of its own: the application's pool may be busy for longer than a
lease. Nothing is connected before the first renewal is due, so short runs cost nothing.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from ._async_io import call_alone
from ._async_sources import KeptConnection, Source
from ._claims import Claim
from ._concurrency import AsyncCondition, AsyncWorker
from .errors import LateHeartbeat

PATIENCE: Final = 5.0
"""Seconds to wait for a renewal under way when the last run ends; its connection may be dead."""


class Heartbeats:
    """Renews claims in a task of its own, which lasts as long as there are any."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._claims: set[Claim] = set()
        self._changed = AsyncCondition()
        self._worker: AsyncWorker | None = None

    async def add(self, claim: Claim) -> None:
        async with self._changed:
            self._claims.add(claim)
            if self._worker is None or not self._worker.busy:
                self._worker = AsyncWorker(self._beat, name="pgunwind heartbeat")
            self._changed.notify_all()

    async def drop(self, claim: Claim) -> None:
        """With the last claim the task ends, and its connection with it."""
        async with self._changed:
            self._claims.discard(claim)
            worker = None if self._claims else self._worker
            self._changed.notify_all()
        if worker is not None:
            await worker.join_within(PATIENCE)

    async def _beat(self) -> None:
        kept = KeptConnection(self._source.connect)
        try:
            while await self._some_are_due():
                for claim in self._due():
                    await self._renew(claim, kept)
        finally:
            await kept.close()

    async def _some_are_due(self) -> bool:
        """Wait until it is so; False if there is no claim any more."""
        async with self._changed:
            while self._claims:
                seconds = self._seconds_left()
                if seconds is not None and seconds <= 0:
                    return True
                await self._changed.wait_at_most(seconds)
            self._worker = None
        return False

    def _seconds_left(self) -> float | None:
        """How long until the next is due; None if there is none."""
        return min((claim.due - claim.clock() for claim in self._wanted()), default=None)

    def _due(self) -> list[Claim]:
        """Those that are due now, the most urgent first."""
        wanted = (claim for claim in self._wanted() if claim.due <= claim.clock())
        return sorted(wanted, key=lambda claim: claim.due)

    def _wanted(self) -> list[Claim]:
        return [claim for claim in tuple(self._claims) if not claim.lost and not claim.over]

    async def _renew(self, claim: Claim, kept: KeptConnection) -> None:
        try:
            connection = await kept.get()
            asked = claim.clock()
            claim.renewed(await call_alone(connection, claim.renewal()), asked)
        except Exception:  # no answer says nothing of the claim; the server refuses what came too late
            claim.unanswered()
            with suppress(LateHeartbeat):  # an error for who wants it so: raised where the run goes on
                claim.warn_if_late()
