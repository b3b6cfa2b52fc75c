"""The end of a run, kept from being broken off by a second signal or cancellation.

The first that arrives is held back until the work is done. The next stops the work, which then has a moment
to leave things in order. One more, and it is abandoned.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

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


def shielded(work: Callable[[], None], stop: Callable[[BaseException], None]) -> Outcome:
    """Do the work in a thread, so that what signals raise in this one does not reach it.

    They do so in the main thread alone. An error of the work is raised here.
    """
    if threading.current_thread() is not threading.main_thread():
        work()
        return Outcome()
    begun, done = threading.Lock(), threading.Event()
    failures: list[BaseException] = []

    def do() -> None:
        if not begun.acquire(blocking=False):  # an interruption hid that it had begun, and it was begun again
            return
        try:
            work()
        except BaseException as failure:
            failures.append(failure)
        finally:
            done.set()

    outcome, stopping, deadline = Outcome(), False, float("inf")
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
                stop(interruption)
    if failures:
        raise failures[0]
    return outcome


def begin(work: Callable[[], None]) -> None:
    """In a thread of its own; in this one where there can be none, as when the interpreter ends."""
    thread = threading.Thread(target=work, name="pgunwind ending", daemon=True)
    try:
        thread.start()
    except RuntimeError:
        work()


async def shielded_async(work: Coroutine[Any, Any, None]) -> Outcome:
    """Do the work in a task, so that cancelling this one does not reach it. Stopped, the work is cancelled.

    An error of the work is raised here.
    """
    task = asyncio.create_task(work, name="pgunwind ending")
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
