"""The heartbeat that renews the claims of a client's runs beside their own work.

One for all runs of a client, on a connection of its own: the application's pool may be busy for longer than a
lease. Nothing is connected before the first renewal is due, so short runs cost nothing.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

import psycopg

from . import _async_io, _io
from ._claims import Claim
from .errors import LateHeartbeat

PATIENCE: Final = 5.0
"""Seconds to wait for a renewal under way when the last run ends; its connection may be dead."""


class Claims:
    """The claims that are to be renewed."""

    def __init__(self) -> None:
        self._claims: set[Claim] = set()

    def seconds_left(self) -> float | None:
        """How long until the next is due; None if there is none."""
        return min((claim.due - claim.clock() for claim in self._wanted()), default=None)

    def due(self) -> list[Claim]:
        """Those that are due now, the most urgent first."""
        wanted = (claim for claim in self._wanted() if claim.due <= claim.clock())
        return sorted(wanted, key=lambda claim: claim.due)

    def _wanted(self) -> list[Claim]:
        return [claim for claim in tuple(self._claims) if not claim.lost and not claim.over]


class Heartbeats(Claims):
    """Renews claims in a thread of its own, which lasts as long as there are any. No fork takes it along."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        super().__init__()
        self.process = os.getpid()
        self._connect = connect
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._connection: psycopg.Connection[Any] | None = None

    def add(self, claim: Claim) -> None:
        with self._changed:
            self._claims.add(claim)
            if self._thread is None:
                self._thread = threading.Thread(target=self._beat, name="pgunwind heartbeat", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def drop(self, claim: Claim) -> None:
        """With the last claim the thread ends, and its connection with it."""
        with self._changed:
            self._claims.discard(claim)
            thread = None if self._claims else self._thread
            self._changed.notify_all()
        if thread is not None:
            thread.join(PATIENCE)

    def _beat(self) -> None:
        while self._some_are_due():
            for claim in self.due():
                self._renew(claim)

    def _some_are_due(self) -> bool:
        """Wait until it is so; False if there is no claim any more."""
        with self._changed:
            while self._claims:
                seconds = self.seconds_left()
                if seconds is not None and seconds <= 0:
                    return True
                self._changed.wait(seconds)
            self._thread = None
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        return False

    def _renew(self, claim: Claim) -> None:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
            asked = claim.clock()
            claim.renewed(_io.call_alone(self._connection, claim.renewal()), asked)
        except Exception:  # no answer says nothing of the claim; the server refuses what came too late
            claim.unanswered()
            with suppress(LateHeartbeat):  # an error for who wants it so: raised where the run goes on
                claim.warn_if_late()


class AsyncHeartbeats(Claims):
    """Renews claims in a task of its own, which lasts as long as there are any."""

    def __init__(self, connect: Callable[[], Awaitable[psycopg.AsyncConnection[Any]]]) -> None:
        super().__init__()
        self._connect = connect
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: psycopg.AsyncConnection[Any] | None = None

    def add(self, claim: Claim) -> None:
        self._claims.add(claim)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._beat(), name="pgunwind heartbeat")
        self._changed.set()

    async def drop(self, claim: Claim) -> None:
        """With the last claim the task ends, and its connection with it."""
        self._claims.discard(claim)
        self._changed.set()
        if not self._claims and self._task is not None:
            await asyncio.wait({self._task}, timeout=PATIENCE)

    async def _beat(self) -> None:
        try:
            while await self._some_are_due():
                for claim in self.due():
                    await self._renew(claim)
        finally:
            self._task = None
            connection, self._connection = self._connection, None
            if connection is not None:
                await connection.close()

    async def _some_are_due(self) -> bool:
        """Wait until it is so; False if there is no claim any more."""
        while self._claims:
            seconds = self.seconds_left()
            if seconds is not None and seconds <= 0:
                return True
            self._changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), seconds)
        return False

    async def _renew(self, claim: Claim) -> None:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = await self._connect()
            asked = claim.clock()
            claim.renewed(await _async_io.call_alone(self._connection, claim.renewal()), asked)
        except Exception:  # no answer says nothing of the claim; the server refuses what came too late
            claim.unanswered()
            with suppress(LateHeartbeat):  # an error for who wants it so: raised where the run goes on
                claim.warn_if_late()
