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
from ._concurrency import AsyncAlarm, AsyncLock
from .errors import LateHeartbeat

PATIENCE: Final = 5.0
"""Seconds to wait for a renewal under way when the last run ends; its connection may be dead."""


class Heartbeats:
    """Renews claims when they are due, one after the other."""

    def __init__(self, source: Source) -> None:
        self._claims: set[Claim] = set()
        self._kept = KeptConnection(lambda: source.connect())
        self._beating = AsyncLock()
        self._alarm = AsyncAlarm(self._beat, name="pgunwind heartbeat")

    def add(self, claim: Claim) -> None:
        """Renew it from now on."""
        self._claims.add(claim)
        self._alarm.set(claim.due)

    async def drop(self, claim: Claim) -> None:
        """Renew it no more; with the last claim the connection is closed."""
        self._claims.discard(claim)
        if not self._claims:
            self._alarm.rest()
        if self._claims or not (self._kept.is_open or self._beating.locked()):
            return
        if await self._beating.acquire_within(PATIENCE):
            try:
                await self._close_if_unused()
            finally:
                self._beating.release()

    async def _beat(self) -> None:
        async with self._beating:
            for claim in self._due():
                await self._renew(claim)
            await self._close_if_unused()
        if wanted := self._wanted():
            self._alarm.set(min(claim.due for claim in wanted))

    async def _close_if_unused(self) -> None:
        if not self._claims:
            await self._kept.close()

    def _due(self) -> list[Claim]:
        """Those that are due now, the most urgent first."""
        wanted = (claim for claim in self._wanted() if claim.due <= claim.clock())
        return sorted(wanted, key=lambda claim: claim.due)

    def _wanted(self) -> list[Claim]:
        return [claim for claim in tuple(self._claims) if not claim.lost and not claim.over]

    async def _renew(self, claim: Claim) -> None:
        try:
            connection = await self._kept.get()
            asked = claim.clock()
            claim.renewed(await call_alone(connection, claim.renewal()), asked)
        except Exception:  # no answer says nothing of the claim; the server refuses what came too late
            claim.unanswered()
            with suppress(LateHeartbeat):  # an error for who wants it so: raised where the run goes on
                claim.warn_if_late()
