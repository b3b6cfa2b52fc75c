"""The start of a run: in one message with its first step, or apart as soon as anything else needs the run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import psycopg

from ._async_heartbeats import Heartbeats
from ._async_io import call_alone
from ._async_sources import Source
from ._claims import Claim
from ._commands import Command
from ._concurrency import AsyncMutex, async_finish
from ._connections import in_pipeline, in_transaction
from .errors import DuplicateRun


class Start:
    """Starts one run, once. Until it is done nobody but this client knows of the run."""

    def __init__(
        self, source: Source, heartbeats: Heartbeats, claim: Claim, command: Command[None] | None
    ) -> None:
        self._source = source
        self._heartbeats = heartbeats
        self._claim = claim
        self.command = command
        """None once the run is started."""
        self.lock = AsyncMutex()
        """Held by whoever sends it: of steps that begin at the same time, one."""
        self.sent = False
        """It may have taken effect, though nothing is known of it: then a run of its id is this one."""

    def begins(self) -> float:
        """Take note that it is being sent; return when, for the lease does not begin earlier."""
        self.sent = True
        return self._claim.clock()

    def is_done(self, asked: float) -> None:
        """Take note that the run is there; its claim is renewed from now on."""
        self.command = None
        self._claim.renewed(True, asked)
        self._heartbeats.add(self._claim)

    async def apart(self) -> None:
        """See to it that it is done, in a message of its own."""
        if self.command is None:
            return
        async with self.lock:
            if self.command is not None:
                async with self._source.connection() as connection:
                    if not in_transaction(connection) and not in_pipeline(connection):
                        self.is_done(await self._send(connection))
                        return
                self.is_done(await self._send_beside())

    def at_once(self) -> None:
        """See to it that it is done, where nothing can be awaited: the event loop stands still meanwhile."""
        if self.command is not None:
            self.is_done(async_finish(self._send_beside))

    async def _send_beside(self) -> float:
        async with await self._source.connect() as own:
            return await self._send(own)

    async def _send(self, connection: psycopg.AsyncConnection[Any]) -> float:
        return await self.by(partial(call_alone, connection))

    async def by(self, send: Callable[[Command[None]], Awaitable[object]]) -> float:
        """Have it sent; return when. That there is a run of its id is an error the first time alone."""
        assert self.command is not None
        sent_before, asked = self.sent, self.begins()
        try:
            await send(self.command)
        except DuplicateRun:
            if not sent_before:
                raise
        return asked
