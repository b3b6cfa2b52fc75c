"""What threads and event loops do differently: each idea twice, by the same names but for Async.

Everything else of the two clients is written once, with await: see pyclient/async_to_sync.py.
"""

from __future__ import annotations

import asyncio
import os
import queue
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
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


class AsyncAlarm:
    """Does work at a time that was set, in a task of its own; of several times, at the first."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        self._work = work
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def set(self, due: float) -> None:
        """Do it at this time of time.monotonic(), or before; to be called from anywhere."""
        if is_running(self._loop):
            self._set(due)
        else:
            self._loop.call_soon_threadsafe(self._set, due)

    def rest(self) -> None:
        """Do nothing until a time is set again: a loop that ends must not find a task that never began."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self, due: float) -> None:
        when = self._loop.time() + due - time.monotonic()
        if self._timer is None or when < self._timer.when():
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(when, self._ring)

    def _ring(self) -> None:
        self._timer = None
        task = self._loop.create_task(self._work(), name=self._name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Alarm:
    """Does work at a time that was set, in a thread of its own; of several times, at the first.

    The thread lasts until no time is set; when that comes, it does not keep the program from ending.
    """

    def __init__(self, work: Callable[[], None], name: str) -> None:
        self._work = work
        self._name = name
        self._due: float | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def set(self, due: float) -> None:
        """Do it at this time of time.monotonic(), or before; to be called from anywhere."""
        with self._changed:
            if self._due is not None and self._due <= due:
                return
            self._due = due
            if self._thread is None:
                self._thread = threading.Thread(target=self._wait, name=self._name, daemon=True)
                self._thread.start()
            else:
                self._changed.notify()

    def rest(self) -> None:
        """Nothing is wanted for now; the thread waits on, for to start one costs more than work in vain."""

    def _wait(self) -> None:
        while self._is_due():
            self._work()

    def _is_due(self) -> bool:
        with self._changed:
            while self._due is not None:
                seconds = self._due - time.monotonic()
                if seconds <= 0:
                    self._due = None
                    return True
                self._changed.wait(seconds)
            self._thread = None
        return False


class AsyncLock(asyncio.Lock):
    """A lock."""

    async def acquire_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self.acquire()
        return False


class Lock:
    """A lock."""

    def __init__(self) -> None:
        lock = threading.Lock()
        self.locked, self.release = lock.locked, lock.release
        self._acquire = lock.acquire

    def __enter__(self) -> None:
        self._acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def acquire_within(self, seconds: float) -> bool:
        return self._acquire(timeout=seconds)


AsyncMutex = asyncio.Lock
Mutex = threading.Lock
"""A lock that is waited for as long as it takes: each run has one, and it costs less to make."""


def is_running(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether this is called from within that event loop."""
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


def async_finish(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Do work where nothing can be awaited: in another event loop, while this one stands still."""
    with ThreadPoolExecutor(1, "pgunwind start") as threads:
        return threads.submit(lambda: asyncio.run(work())).result()


def finish(work: Callable[[], T]) -> T:
    """Do work where it can be done at once."""
    return work()


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
