"""A shop whose runs are undone from the command line: in this process, or in one that has a terminal."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import psycopg
import pytest
from click.testing import CliRunner

from pgunwind import cli
from shop import Shop
from templates import holding

SHOP = """
create table orders (id text primary key);
create table lines (order_id text not null references orders, product text not null);
create index on lines (order_id);
create table notes (order_id text, text text);
create index on notes (order_id);
select unwind.define_workflow('shop', 'From a basket to an order.');
select unwind.define_step('shop', 'order', 'orders', 'id');
select unwind.declare_foreign_key('lines', '{order_id}', 'orders', '{id}', 'cascade');
select unwind.declare_foreign_key('notes', '{order_id}', 'orders', '{id}', 'restrict');
"""
CAPTURED = """
alter table lines add id int generated always as identity primary key;
create table stock (product text primary key, amount int not null);
insert into stock values ('cup', 10), ('pot', 10), ('jug', 10);
select unwind.capture_table('orders', 'lines', 'stock');
"""
SOURCES = ("PGUNWIND_DSN", "DATABASE_URL", "PGHOST", "PGDATABASE", "PGSERVICE", "PGPASSWORD")
PATIENCE = 60.0


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit status."""

    status: int
    output: str
    errors: str

    @property
    def json(self) -> Any:
        """Its output, read."""
        return json.loads(self.output)


class ShopOfRuns(Shop):
    """Runs of one order with some lines."""

    def start(self, run: str, outcome: str = "FAILED", *, lines: int = 2, worker: str | None = None) -> None:
        """Makes a run; RUNNING, COMPLETED or FAILED."""
        with self.conn.transaction():
            self(
                "select unwind.start_run('shop', %s, business_key => %s, worker => %s)",
                run,
                f"basket {run}",
                worker,
            )
            if worker is not None:
                self("select unwind.act_as(%s)", worker)
            self("select unwind.record_step(%s, 'order', %s)", run, run)
            self.conn.execute("insert into orders values (%s)", [run])
            self.conn.execute("insert into lines select %s, 'cup' from generate_series(1, %s)", [run, lines])
            if outcome == "FAILED":
                self("select unwind.fail_run(%s, %s)", run, f"why {run} failed")
            if outcome == "COMPLETED":
                self("select unwind.complete_run(%s)", run)

    def block(self, run: str) -> None:
        """Lets somebody else's row refer to a run's."""
        self.conn.execute("insert into notes values (%s, 'mine')", [run])

    def rows(self) -> int:
        """All rows of all runs."""
        return self.count("orders", "lines")


class CapturedShop(ShopOfRuns):
    """Runs that also change what is there."""

    def change(self, run: str, *statements: str) -> None:
        """Does this in a transaction of the run's, which is started if it is not there."""
        if self.status(run) is None:
            self("select unwind.start_run('shop', %s)", run)
        with self.conn.transaction():
            self("select unwind.enter_run(%s)", run)
            for statement in statements:
                self.conn.execute(statement.encode())

    def stock(self) -> dict[str, int]:
        """What is in stock."""
        return dict(self("select product, amount from stock"))


shop_template = holding(SHOP)
captured_template = holding(SHOP + CAPTURED)


@pytest.fixture
def shop(shop_template: Any, conn: psycopg.Connection[Any]) -> ShopOfRuns:
    """The shop, in a database of its own."""
    return ShopOfRuns(conn)


@pytest.fixture
def captured(captured_template: Any, conn: psycopg.Connection[Any]) -> CapturedShop:
    """The shop under capture, likewise."""
    return CapturedShop(conn)


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """What runs a command in this process, in an environment that names no database."""
    for name in (*SOURCES, "COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str, typed: str | None = None, **environment: str) -> Said:
        done = CliRunner().invoke(cli.main, words, input=typed, env=environment, prog_name="pgunwind")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Said(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def pgunwind(invoke: Callable[..., Said], dsn: str) -> Callable[..., Said]:
    """What runs a command against the test's database."""

    def run(*words: str, typed: str | None = None, **environment: str) -> Said:
        return invoke(*words, typed=typed, PGUNWIND_DSN=dsn, **environment)

    return run


class Silence(AssertionError):
    """A command says nothing more, and does not end."""


class Terminal:
    """A command in a process of its own that has a terminal."""

    def __init__(self, dsn: str, *words: str, columns: int = 80, **environment: str) -> None:
        self.output = ""
        self.status: int | None = None
        command = [sys.executable, "-m", "pgunwind", *words]
        inherited = {name: value for name, value in os.environ.items() if name not in (*SOURCES, "NO_COLOR")}
        at_terminal = {"PGUNWIND_DSN": dsn, "TERM": "xterm-256color", "COLUMNS": str(columns)}
        ours, theirs = pty.openpty()
        self._ours = ours
        self._process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**inherited, **at_terminal, **environment},
            preexec_fn=_take_terminal,
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def until(self, text: str) -> None:
        """Reads until it has written this."""
        while text not in self.output:
            assert self._read(), f"it ended before {text!r}: {self.output}"

    def type(self, text: str) -> None:
        """Types it."""
        os.write(self._ours, text.encode())

    def end(self, patience: float = PATIENCE) -> Said:
        """Reads to its end."""
        while self._read(patience):
            pass
        return Said(self._process.wait(timeout=PATIENCE), self.output, "")

    def interrupt(self) -> Said:
        """Types Ctrl-C and reads to the end; again where nothing comes of it, as people do.

        Python sees one that arrives in the moment before it reads the terminal only once it has read.
        """
        for _ in range(6):
            self.type("\x03")
            try:
                return self.end(PATIENCE / 6)
            except Silence as silence:
                silent = silence
        raise silent

    def signal(self, number: int) -> None:
        """Sends it a signal."""
        os.kill(self._process.pid, number)

    def _read(self, patience: float = PATIENCE) -> bool:
        until = time.monotonic() + patience
        while not select.select([self._ours], [], [], 0.1)[0]:
            if time.monotonic() > until:
                raise Silence(f"nothing more came: {self.output}")
        try:
            part = os.read(self._ours, 65536)
        except OSError:  # Linux: the other side is closed
            return False
        self.output += part.decode(errors="replace")
        return bool(part)


def _take_terminal() -> None:
    """In the child: a session whose terminal is its stdin, and Ctrl-C as at a prompt."""
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def terminal(dsn: str) -> Callable[..., Any]:
    """What starts a command on a terminal."""

    @contextmanager
    def start(*words: str, columns: int = 80, **environment: str) -> Iterator[Terminal]:
        with Terminal(dsn, *words, columns=columns, **environment) as started:
            yield started

    return start
