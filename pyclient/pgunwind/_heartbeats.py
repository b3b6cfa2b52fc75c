# Made from _async_heartbeats.py by make sync-client: change that file, not this one.

"""The heartbeat that renews the claims of a client's runs beside their own work.

One for all runs of a client, on a connection of its own: the application's pool may be busy for longer than a
lease. Nothing is connected before the first renewal is due, so short runs cost nothing.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from ._claims import Claim
from ._concurrency import Alarm, Lock
from ._io import call_alone
from ._sources import KeptConnection, Source
from .errors import LateHeartbeat

PATIENCE: Final = 5.0
"""Seconds to wait for a renewal under way when the last run ends; its connection may be dead."""


class Heartbeats:
    """Renews claims when they are due, one after the other."""

    def __init__(self, source: Source) -> None:
        self._claims: set[Claim] = set()
        self._kept = KeptConnection(lambda: source.connect())
        self._beating = Lock()
        self._alarm = Alarm(self._beat, name="pgunwind heartbeat")

    def add(self, claim: Claim) -> None:
        """Renew it from now on."""
        self._claims.add(claim)
        self._alarm.set(claim.due)

    def drop(self, claim: Claim) -> None:
        """Renew it no more; with the last claim the connection is closed."""
        self._claims.discard(claim)
        if not self._claims:
            self._alarm.rest()
        if self._claims or not (self._kept.is_open or self._beating.locked()):
            return
        if self._beating.acquire_within(PATIENCE):
            try:
                self._close_if_unused()
            finally:
                self._beating.release()

    def _beat(self) -> None:
        with self._beating:
            for claim in self._due():
                self._renew(claim)
            self._close_if_unused()
        if wanted := self._wanted():
            self._alarm.set(min(claim.due for claim in wanted))

    def _close_if_unused(self) -> None:
        if not self._claims:
            self._kept.close()

    def _due(self) -> list[Claim]:
        """Those that are due now, the most urgent first."""
        wanted = (claim for claim in self._wanted() if claim.due <= claim.clock())
        return sorted(wanted, key=lambda claim: claim.due)

    def _wanted(self) -> list[Claim]:
        return [claim for claim in tuple(self._claims) if not claim.lost and not claim.over]

    def _renew(self, claim: Claim) -> None:
        try:
            connection = self._kept.get()
            asked = claim.clock()
            claim.renewed(call_alone(connection, claim.renewal()), asked)
        except Exception:  # no answer says nothing of the claim; the server refuses what came too late
            claim.unanswered()
            with suppress(LateHeartbeat):  # an error for who wants it so: raised where the run goes on
                claim.warn_if_late()
