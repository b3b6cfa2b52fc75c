"""A loopback proxy before PostgreSQL that is far away, and that counts round trips and statements.

It runs in a process of its own, so that it takes no turn from the client it delays.
"""

from __future__ import annotations

import multiprocessing
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import psycopg
from psycopg.conninfo import make_conninfo

_SPAWN = multiprocessing.get_context("spawn")
_STATEMENTS = (b"Q", b"E")
"""Frontend messages that run a statement: simple Query, and Execute."""
_WITHOUT_A_QUESTION = (b"P", b"B", b"D", b"E", b"C", b"d")
"""Those answered once a Sync or Flush follows: Parse, Bind, Describe, Execute, Close, CopyData."""
_UNANSWERED = (b"H", b"X")
"""Those that nobody waits for: Terminate, and the Flush that libpq sends behind the end of a pipeline."""


class Traffic(NamedTuple):
    """What passed."""

    trips: int
    statements: int


class Proxy:
    """The proxy as its user sees it; `dsn` leads through it."""

    def __init__(self, dsn: str, state: _State) -> None:
        self.dsn = dsn
        self._state = state

    def set_delay(self, milliseconds: float) -> None:
        """Set how long a round trip takes more than on loopback."""
        self._state.delay.value = milliseconds / 1000

    def traffic(self) -> Traffic:
        """Return what has passed so far."""
        return Traffic(self._state.trips.value, self._state.statements.value)


class _State:
    """What both processes share."""

    def __init__(self) -> None:
        self.delay = _SPAWN.Value("d", 0.0)
        self.trips = _SPAWN.Value("q", 0)
        self.statements = _SPAWN.Value("q", 0)


@contextmanager
def proxy(dsn: str) -> Iterator[Proxy]:
    """Put a proxy before the server of a conninfo string."""
    state = _State()
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_serve, args=(dsn, state, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(30):
            raise RuntimeError("the proxy did not start")
        port = ours.recv()
        yield Proxy(
            make_conninfo(dsn, host="127.0.0.1", port=port, sslmode="disable", gssencmode="disable"), state
        )
    finally:
        process.terminate()
        process.join()


def _serve(dsn: str, state: _State, announce: Any) -> None:
    with psycopg.connect(dsn) as connection:
        host, port = connection.info.host, connection.info.port
    listener = socket.create_server(("127.0.0.1", 0))
    announce.send(listener.getsockname()[1])
    while True:
        client, _ = listener.accept()
        server = _connect(host, port)
        for end in (client, server):
            if end.family != socket.AF_UNIX:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _Relay(client, server, state).start()


def _connect(host: str, port: int) -> socket.socket:
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    server = socket.socket(socket.AF_UNIX)
    server.connect(f"{host}/.s.PGSQL.{port}")
    return server


class _Relay:
    """One connection: what the client says arrives late by a whole round trip, the answer at once."""

    def __init__(self, client: socket.socket, server: socket.socket, state: _State) -> None:
        self._client, self._server, self._state = client, server, state
        self._late: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        self._asked = False
        self._answered = True
        self._messages = _Messages()

    def start(self) -> None:
        for work in (self._read_client, self._write_server, self._read_server):
            threading.Thread(target=work, daemon=True).start()

    def _read_client(self) -> None:
        while data := _receive(self._client):
            for kind in self._messages.complete_with(data):
                self._count(kind)
            self._late.put((time.perf_counter() + self._state.delay.value, data))
        self._late.put((0.0, b""))

    def _count(self, kind: bytes) -> None:
        """Count a statement, and a round trip for what the client says first after an answer."""
        if self._answered and kind not in _UNANSWERED:
            self._answered = self._asked = False
            _increment(self._state.trips)
        if kind in _STATEMENTS:
            _increment(self._state.statements)
        if kind not in _WITHOUT_A_QUESTION:
            self._asked = True

    def _write_server(self) -> None:
        while True:
            due, data = self._late.get()
            time.sleep(max(0.0, due - time.perf_counter()))
            if not data:
                break
            with suppress(OSError):  # the server may have closed it
                self._server.sendall(data)
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)

    def _read_server(self) -> None:
        while data := _receive(self._server):
            # An error may come before the client has ended its pipeline, and is not waited for then.
            if self._asked:
                self._answered = True
            with suppress(OSError):  # the client may have closed it
                self._client.sendall(data)
        self._client.close()
        self._server.close()


def _receive(end: socket.socket) -> bytes:
    """Return what comes next; nothing once either end is closed."""
    try:
        return end.recv(65536)
    except OSError:
        return b""


def _increment(count: Any) -> None:
    with count.get_lock():
        count.value += 1


class _Messages:
    """Reads the frames of the frontend's side of the protocol."""

    def __init__(self) -> None:
        self._rest = b""
        self._started = False

    def complete_with(self, data: bytes) -> Iterator[bytes]:
        """Yield the type of each message that is complete with this data; the first has none."""
        self._rest += data
        while True:
            head = 1 if self._started else 0
            if len(self._rest) < head + 4:
                return
            size = head + int.from_bytes(self._rest[head : head + 4], "big")
            if len(self._rest) < size:
                return
            yield self._rest[:head]
            self._rest = self._rest[size:]
            self._started = True
