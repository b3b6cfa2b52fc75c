"""The block of a run: what begins it, and what ends the run with it."""

from __future__ import annotations

import warnings
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import TYPE_CHECKING

from ._async_caller import Caller
from ._async_check import look
from ._async_ending import Ending, Leaves
from ._async_heartbeats import Heartbeats
from ._async_sources import Source
from ._checks import checking
from ._notes import nothing_recorded_note
from ._shield import AsyncShield
from .errors import NothingRecorded

if TYPE_CHECKING:
    from .async_client import AsyncRun, AsyncUnwind

    Begun = tuple[AsyncRun, Leaves]


class Block:
    """What run() and attach() return. Written by hand, and with few calls: every run passes through it."""

    __slots__ = ("_begin", "_heartbeats", "_kept", "_leaves", "_run", "_unwind")

    _heartbeats: Heartbeats
    _kept: AbstractAsyncContextManager[Source]
    _leaves: Leaves
    _run: AsyncRun

    def __init__(
        self,
        unwind: AsyncUnwind,
        begin: Callable[[Source, Heartbeats], Awaitable[Begun]],
    ) -> None:
        self._unwind = unwind
        self._begin = begin

    async def __aenter__(self) -> AsyncRun:
        heartbeats = self._heartbeats = self._unwind._heartbeats.get()
        self._kept = self._unwind._source.for_run()
        source = await self._kept.__aenter__()
        try:
            run, self._leaves = await self._begin(source, heartbeats)
        except BaseException as error:
            await self._kept.__aexit__(type(error), error, error.__traceback__)
            raise
        self._run = run
        try:
            if run._start.command is None and not run.completed:
                heartbeats.add(run._claim)
            run._state.capture.__enter__()
        except BaseException as error:
            await self.__aexit__(type(error), error, error.__traceback__)
            raise
        return run

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        try:
            self._run._state.capture.__exit__()
            raises, nothing_recorded = await self._end(error)
        except GeneratorExit:  # the event loop is gone, and nothing can be awaited any more
            raise
        except BaseException as stop:  # an interruption before that was held back
            raises, nothing_recorded = await self._end(stop)
        finally:
            self._run._ended()
        await self._kept.__aexit__(None, None, None)
        if nothing_recorded and raises is None:
            said = nothing_recorded_note(self._run._state.run_id, self._run._state.capture.is_on)
            warnings.warn(said, NothingRecorded, stacklevel=2)
        try:
            if raises is not None and raises is not error:
                raise raises
            return raises is None
        finally:
            raises = error = None  # their tracebacks lead to this frame: a cycle

    async def _end(self, error: BaseException | None) -> tuple[BaseException | None, bool]:
        """End the run; what leaves the block then, if anything, and whether the run had recorded nothing."""
        unwind, run = self._unwind, self._run
        if (check := checking.get()) is not None:
            await look(check, unwind, run)
        shield = AsyncShield()
        ending = Ending(
            run._state,
            run._claim,
            Caller(run._source, run._claim.worker, shield),
            unwind._attempts,
            unwind._backoff,
            unwind._lock_timeout,
            run._start,
            self._leaves,
        )
        await ending.by(shield, self._heartbeats, error)
        raises, ending.raises = ending.raises, None  # its traceback leads to the ending: a cycle
        return raises, ending.nothing_recorded
