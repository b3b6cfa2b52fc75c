"""Both clients to one test: the asynchronous one, driven from the test's thread, looks like the other.

    def test_something(client: Client, dsn: str) -> None:
        with client.Unwind(dsn).run("shop") as run, run.step("order", "o1") as conn:
            conn.execute("insert into orders values ('o1')")

What the test gets of an asynchronous client, connections and cursors too, is wrapped: what has to be awaited
is, in an event loop that runs in a thread of its own. Nothing of the client is imitated.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Callable, Iterator
from functools import partial
from types import TracebackType
from typing import Any
from weakref import WeakValueDictionary

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool, ConnectionPool

import pgunwind


class Client:
    """The synchronous client, with connections and pools of its kind."""

    name = "sync"
    Unwind: Callable[..., Any] = pgunwind.Unwind
    connect: Callable[..., Any] = staticmethod(psycopg.connect)
    capture_connection: Callable[..., Any] = staticmethod(pgunwind.CaptureConnection.connect)
    CaptureConnection: type = pgunwind.CaptureConnection
    pool: Callable[..., Any] = ConnectionPool

    def call(self, function: Callable[..., Any], *values: Any) -> Any:
        """Call something of the client's that is not public, where it has to be called."""
        return function(*values)

    def background(self) -> list[str]:
        """Return what of the client works in the background: names of threads, or of tasks."""
        return [thread.name for thread in threading.enumerate() if thread.name.startswith("pgunwind")]

    def opened_aside(self, unwind: Any, before: Callable[[], object] = lambda: None) -> list[Any]:
        """Return a list that will hold the connections which the client opens beside the source's.

        Before each of them something may be called, to refuse it for instance.
        """
        connect, opened = unwind._source.connect, []

        def noting() -> Any:
            before()
            opened.append(connect())
            return opened[-1]

        unwind._source.connect = noting
        return opened

    def close(self) -> None:
        """Be done with it."""


class AsyncClient(Client):
    """The asynchronous client, as if it were synchronous."""

    name = "async"

    def __init__(self) -> None:
        self._loop = EventLoop()
        self.Unwind = partial(self.call, pgunwind.AsyncUnwind)
        self.connect = partial(self.call, psycopg.AsyncConnection.connect)
        self.capture_connection = partial(self.call, pgunwind.AsyncCaptureConnection.connect)
        self.CaptureConnection = pgunwind.AsyncCaptureConnection

    def call(self, function: Callable[..., Any], *values: Any, **named: Any) -> Any:
        """Call something in the event loop."""
        return self._loop.call(function, *values, **named)

    def pool(self, conninfo: Any, **options: Any) -> Any:
        """Return a pool that is opened by with: it cannot open itself."""
        return self.call(AsyncConnectionPool, conninfo, **{**options, "open": False})

    def background(self) -> list[str]:
        """Return the names of its tasks."""
        return [name for name in self._loop.tasks() if name.startswith("pgunwind")]

    def opened_aside(self, unwind: Any, before: Callable[[], object] = lambda: None) -> list[Any]:
        """Likewise."""
        connect, opened = unwind._source.connect, []

        async def noting() -> Any:
            before()
            connection = await connect()
            opened.append(self._loop.driven(connection))
            return connection

        unwind._source.connect = noting
        return opened

    def close(self) -> None:
        """End the event loop."""
        self._loop.close()


BOTH: dict[str, Callable[[], Client]] = {"sync": Client, "async": AsyncClient}

plain_connections = pytest.mark.parametrize(
    "client", [pytest.param("sync", id="plain connections")], indirect=True
)
"""For tests of what only one client has, which name it: shop and others are psycopg's own connections."""


class EventLoop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="event loop", daemon=True)
        self._thread.start()
        self._callers = threading.local()
        self._driven: WeakValueDictionary[int, Driven] = WeakValueDictionary()

    def tasks(self) -> list[str]:
        """Return the names of those that are not done."""
        return [task.get_name() for task in asyncio.all_tasks(self._loop)]

    def call(self, function: Callable[..., Any], *values: Any, **named: Any) -> Any:
        """Call a function in the loop, await what it returns where that has to be, and return it.

        All calls of a thread share one context, as if they were made in one task.
        """
        if not hasattr(self._callers, "context"):
            self._callers.context = contextvars.Context()
        context, done = self._callers.context, threading.Event()
        outcome: list[Any] = []

        async def work() -> None:
            try:
                given = function(*map(bare, values), **{name: bare(value) for name, value in named.items()})
                outcome.extend((await given if inspect.isawaitable(given) else given, None))
            except BaseException as error:  # also what would end the loop
                outcome.extend((None, error))
            finally:
                done.set()

        self._loop.call_soon_threadsafe(lambda: self._loop.create_task(work(), context=context))
        done.wait()
        answer, error = outcome
        if error is not None:
            raise error
        return self.driven(answer)

    def driven(self, value: Any) -> Any:
        """Return what looks synchronous, where the value is not: the same for the same."""
        asynchronous = ("__aenter__", "__anext__", "compensate_run", "intend")
        if not any(hasattr(type(value), name) for name in asynchronous):
            return value
        return self._driven.get(id(value)) or self._driven.setdefault(id(value), Driven(self, value))

    def close(self) -> None:
        """Stop it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Driven:
    """An asynchronous client, run, connection, cursor, context manager or iterator that looks synchronous."""

    def __init__(self, loop: EventLoop, value: Any) -> None:
        vars(self).update(_loop=loop, _value=value)

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._value, name)
        if not inspect.isroutine(attribute):
            return self._loop.driven(attribute)
        return lambda *values, **named: self._loop.call(attribute, *values, **named)

    def __setattr__(self, name: str, value: Any) -> None:
        setter = getattr(self._value, f"set_{name}", None)
        if setter is None:
            setattr(self._value, name, bare(value))
        else:
            self._loop.call(setter, value)

    def __enter__(self) -> Any:
        return self._loop.call(self._value.__aenter__)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Any:
        return self._loop.call(self._value.__aexit__, kind, error, trace)

    def __iter__(self) -> Iterator[Any]:
        try:
            while True:
                try:
                    yield self._loop.call(self._value.__anext__)
                except StopAsyncIteration:
                    return
        finally:
            if hasattr(self._value, "aclose"):
                self._loop.call(self._value.aclose)


def bare(value: Any) -> Any:
    """Return what is driven, itself."""
    return value._value if isinstance(value, Driven) else value
