"""The end of a run, kept from being broken off by a second signal or cancellation.

The first that arrives is held back until the work is done. The next stops the work, which then has a moment
to leave things in order. One more, and it is abandoned.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import psycopg

PATIENCE: Final = 5.0
"""Seconds for work that is to stop: for the server to hear of it, and for the claim to be let go."""

TICK: Final = 0.1
"""Seconds after which the waiting thread looks up: not every platform wakes it for a signal."""


@dataclass(slots=True)
class Outcome:
    """How it went."""

    held: BaseException | None = None
    """The first interruption; to be raised, for it was only held back."""
    abandoned: BaseException | None = None
    """Why the work, told to stop, was not waited for to its end."""


class AsyncShield:
    """Does the work in a task, so that cancelling the caller's does not reach it. Stopped, it is too."""

    async def hold(
        self,
        at_once: Callable[[], Coroutine[Any, Any, bool]],
        work: Callable[[], Coroutine[Any, Any, None]],
    ) -> Outcome:
        """Do the work, which begins with what can be done at once. An error of it is raised here."""
        task = asyncio.create_task(work(), name="pgunwind ending")
        outcome, stopping = Outcome(), False
        while not task.done() and outcome.abandoned is None:
            try:
                await asyncio.wait({task}, timeout=PATIENCE if stopping else None)
                if stopping and not task.done():
                    outcome.abandoned = outcome.held
            except asyncio.CancelledError as interruption:
                if outcome.held is None:
                    outcome.held = interruption
                elif stopping:
                    outcome.abandoned = interruption
                else:
                    stopping = True
                    task.cancel()
        if outcome.abandoned is None:
            task.result()
        return outcome

    def go_on(self) -> None:
        """Nothing to ask: the work hears of being stopped by its own CancelledError."""

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    @contextmanager
    def calling(self, connection: psycopg.AsyncConnection[Any]) -> Iterator[None]:
        """Around a call of the work's; psycopg cancels it on the server when its task is cancelled."""
        yield


class Shield:
    """Does the work in a thread, so that what signals raise in the caller's does not reach it.

    They do so in the main thread alone. Stopped, the call under way is cancelled on the server, and the next
    ones are not made.
    """

    _stop: threading.Event
    _cancelling: threading.Lock

    def __init__(self) -> None:
        self._stopped_by: BaseException | None = None
        self._connection: psycopg.Connection[Any] | None = None

    def hold(self, at_once: Callable[[], bool], work: Callable[[], None]) -> Outcome:
        """Do what can be done at once, or else the work, which goes on from there; raise an error of it here.

        The first is not worth a thread: interrupted, it is left to the second.
        """
        held: BaseException | None = None
        try:
            if at_once():
                return Outcome()
        except BaseException as interruption:
            held = interruption
        self._stop, self._cancelling = threading.Event(), threading.Lock()
        if threading.current_thread() is not threading.main_thread():
            work()
            return Outcome(held)
        begun, done = threading.Lock(), threading.Event()
        failures: list[BaseException] = []

        def do() -> None:
            if not begun.acquire(blocking=False):  # an interruption hid that it had begun: begun again
                return
            try:
                work()
            except BaseException as failure:
                failures.append(failure)
            finally:
                done.set()

        outcome, stopping, deadline = Outcome(held), False, float("inf")
        while not done.is_set() and outcome.abandoned is None:
            try:
                if not begun.locked():
                    begin(do)
                done.wait(TICK)
                if time.monotonic() > deadline:
                    outcome.abandoned = outcome.held
            except BaseException as interruption:
                if outcome.held is None:
                    outcome.held = interruption
                elif stopping:
                    outcome.abandoned = interruption
                else:
                    stopping, deadline = True, time.monotonic() + PATIENCE
                    self._stop_work(interruption)
        if failures:
            raise failures[0]
        return outcome

    def go_on(self) -> None:
        """Unless the work has been stopped."""
        if self._stopped_by is not None:
            raise self._stopped_by

    def pause(self, seconds: float) -> None:
        self._stop.wait(seconds)
        self.go_on()

    @contextmanager
    def calling(self, connection: psycopg.Connection[Any]) -> Iterator[None]:
        """Around a call of the work's; an error of one that was cancelled is the interruption."""
        self._connection = connection
        try:
            yield
        except BaseException:
            self.go_on()
            raise
        finally:
            with self._cancelling:  # a call that is being cancelled is still this one
                self._connection = None

    def _stop_work(self, interruption: BaseException) -> None:
        self._stopped_by = interruption
        self._stop.set()
        threading.Thread(target=self._cancel, name="pgunwind cancel", daemon=True).start()

    def _cancel(self) -> None:
        with self._cancelling:
            if self._connection is not None:
                with suppress(psycopg.Error):
                    self._connection.cancel_safe(timeout=PATIENCE)


class Helper:
    """A thread that does one work after the other: to start one takes as long as to end a run."""

    def __init__(self) -> None:
        self._work: Callable[[], None] | None = None
        self._called = threading.Lock()
        self._called.acquire()
        threading.Thread(target=self._wait, name="ending runs", daemon=True).start()

    def call(self, work: Callable[[], None]) -> None:
        """Have it done."""
        self._work = work
        self._called.release()

    def _wait(self) -> None:
        while self._called.acquire():
            work, self._work = self._work, None
            if work is not None:
                work()
            del work  # and with it what it refers to, connections for instance
            idle.append(self)


idle: list[Helper] = []
"""Helpers that have nothing to do."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=idle.clear)  # a fork takes no thread along


def begin(work: Callable[[], None]) -> None:
    """In another thread; in this one where there can be none, as when the interpreter ends."""
    try:
        helper = idle.pop() if idle and not sys.is_finalizing() else Helper()
    except RuntimeError:
        work()
    else:
        helper.call(work)
