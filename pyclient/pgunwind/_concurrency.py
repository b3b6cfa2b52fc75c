"""What threads and event loops do differently: each idea twice, by the same names but for Async.

Everything else of the two clients is written once, with await: see pyclient/async_to_sync.py.
"""

from __future__ import annotations

import asyncio
import os
import queue
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from inspect import isawaitable
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


class AsyncWorker:
    """Work in a task of its own."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        self._task = asyncio.create_task(work(), name=name)

    @property
    def busy(self) -> bool:
        return not self._task.done()

    async def join(self) -> None:
        """Wait for its end; cancelled meanwhile, cancel it too."""
        await self._task

    async def join_within(self, seconds: float) -> None:
        await asyncio.wait({self._task}, timeout=seconds)


class Worker:
    """Work in a thread of its own, which does not keep the program from ending."""

    def __init__(self, work: Callable[[], None], name: str) -> None:
        self._thread = threading.Thread(target=work, name=name, daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        return self._thread.is_alive()

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join()

    def join_within(self, seconds: float) -> None:
        self._thread.join(seconds)


class AsyncCondition(asyncio.Condition):
    """A lock, and news for those who wait for some."""

    async def wait_at_most(self, seconds: float | None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.wait()


class Condition(threading.Condition):
    """A lock, and news for those who wait for some."""

    def wait_at_most(self, seconds: float | None) -> None:
        self.wait(seconds)


AsyncQueue = asyncio.Queue
Queue = queue.SimpleQueue


class AsyncLocal(Generic[T]):
    """One for each event loop: what waits in one of them does not hear another."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()

    def get(self) -> T:
        """The one of the running loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._made:
            self._made[loop] = self._make()
        return self._made[loop]


class Local(Generic[T]):
    """One for each process: a fork takes no thread along."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._process, self._made = os.getpid(), make()

    def get(self) -> T:
        """The one of this process."""
        if self._process != os.getpid():
            self._process, self._made = os.getpid(), self._make()
        return self._made


async def async_value_of(given: Any) -> Any:
    """What is given by itself, or by a function, which may be a coroutine's."""
    value = given() if callable(given) else given
    return await value if isawaitable(value) else value


def value_of(given: Any) -> Any:
    """What is given by itself, or by a function."""
    return given() if callable(given) else given
