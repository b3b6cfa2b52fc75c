"""One server per session, one clean database per test.

The server is started once, in the process that controls the session, and xdist's workers are told its address
by environment. The engine is installed once per worker, into a template; each test gets a copy of it, or of a
template that one of its fixtures asks for: see templates.py. PGUNWIND_DSN names a running server to use
instead; its databases are left as they were.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pytest_postgresql import factories

from pgunwind import manifest
from pgunwind.demo.server import find_bin_dir, running_server
from templates import Address, Templates

SERVER_ADDRESS = "PGUNWIND_TEST_SERVER"
SERVER_SETTINGS = {
    "max_connections": "200",
    "max_prepared_transactions": "20",
    "statement_timeout": "300s",  # no test waits for ever
}
POOLER = "PGUNWIND_TEST_POOLER"
STRICT_SKIPS = "PGUNWIND_STRICT_SKIPS"
ALLOWED_SKIPS = Path(__file__).with_name("allowed_skips.txt")

REFERENCE_SCHEMA = "client_to_delivery"

Connect = Callable[..., psycopg.Connection[Any]]
PATIENCE = 20.0
"""Seconds after which a test gives up waiting for something that never comes."""


# The session -------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take what `make evidence` gives."""
    parser.addoption("--evidence", metavar="FOLDER", help="write pages of evidence of the acceptance tests")


def pytest_configure(config: pytest.Config) -> None:
    """Start the server, unless we are a worker and have been told of one, or no test will run."""
    if os.environ.get(STRICT_SKIPS) == "1" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(StrictSkips(ALLOWED_SKIPS.read_text()), "strict-skips")
    if hasattr(config, "workerinput") or config.option.collectonly or config.option.help:
        return
    stack = ExitStack()
    config.add_cleanup(stack.close)
    os.environ[SERVER_ADDRESS] = stack.enter_context(running_server(SERVER_SETTINGS))


class StrictSkips:
    """Fails the session for a skipped test that is not listed with its reason: a skip hides what it skips."""

    def __init__(self, listing: str) -> None:
        lines = [line for line in listing.splitlines() if line.strip() and not line.startswith("#")]
        self.allowed = [tuple(line.split(" -- ", maxsplit=1)) for line in lines]
        self.surprises: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at every outcome; an expected failure also counts as skipped in pytest's books."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self._consider(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Look at modules that skip as a whole."""
        if report.skipped:
            self._consider(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn success into failure if there were surprises."""
        if self.surprises and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which."""
        if self.surprises:
            terminalreporter.section(f"skips that are not listed in tests/{ALLOWED_SKIPS.name}", red=True)
            for line in self.surprises:
                terminalreporter.line(line)

    def _consider(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        reason = _skip_reason(report)
        if not any(
            report.nodeid.startswith(test) and reason.startswith("".join(why)) for test, *why in self.allowed
        ):
            self.surprises.append(f"{report.nodeid} -- {reason}")


def _skip_reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return the reason given to pytest.skip."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    return reason.removeprefix("Skipped: ")


# Templates ---------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def server_dsn() -> str:
    """Return the conninfo of the session's server, at its maintenance database."""
    return os.environ[SERVER_ADDRESS]


@pytest.fixture(scope="session")
def server_address(server_dsn: str) -> Address:
    """Return the same in parts, as libpq resolved them."""
    with psycopg.connect(server_dsn) as connection:
        info = connection.info
        return Address(info.host, info.port, info.user, info.password, info.options, info.dbname)


def _install_engine(**target: Any) -> None:
    with psycopg.connect(**target) as connection:
        manifest.install(connection)


def _install_reference(**target: Any) -> None:
    # Here and not above: tests of other parts need not wait for it, nor break with it.
    from pgunwind.examples.client_to_delivery.installation import install

    with psycopg.connect(**target) as connection:
        install(connection, REFERENCE_SCHEMA)


bare_base = factories.postgresql_noproc(depends_on="server_address", dbname="pgunwind_bare")
engine_base = factories.postgresql_noproc(
    depends_on="server_address", dbname="pgunwind_engine", load=[_install_engine]
)
reference_base = factories.postgresql_noproc(
    depends_on="engine_base", dbname="pgunwind_reference", load=[_install_reference]
)


@pytest.fixture(scope="session")
def templates(server_address: Address, engine_base: Any) -> Iterator[Templates]:
    """Return the maker of more templates, which hold more than the engine."""
    base = replace(server_address, dbname=engine_base.dbname, template_dbname=engine_base.template_dbname)
    maker = Templates(base)
    yield maker
    maker.drop()


@pytest.fixture
def template(request: pytest.FixtureRequest) -> Any:
    """Return what the test's database is a copy of: the template its fixtures ask for, else the engine's."""
    asked = [name for name in request.fixturenames if name.endswith("_template")]
    assert len(asked) <= 1, f"a test has one database, not a copy of each of {asked}"
    return request.getfixturevalue(*asked or ["engine_base"])


bare_database = factories.postgresql("bare_base")
database = factories.postgresql("template")
reference_database = factories.postgresql("reference_base")


# What tests ask for ------------------------------------------------------------------------------


def _autocommit(connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """Return the connection as a psql user knows it; ``with conn.transaction()`` opens a transaction."""
    connection.autocommit = True
    return connection


@pytest.fixture
def conn(database: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """Return an autocommit connection to a fresh database with the engine, or a copy of what is asked for."""
    return _autocommit(database)


@pytest.fixture
def dsn(server_dsn: str, database: psycopg.Connection[Any]) -> str:
    """Return the conninfo of that database, for more connections: through the pooler where one is named."""
    return make_conninfo(os.environ.get(POOLER, server_dsn), dbname=database.info.dbname)


@pytest.fixture
def bare_dsn(server_dsn: str, bare_database: psycopg.Connection[Any]) -> str:
    """Return the conninfo of a fresh, empty database without the engine."""
    return make_conninfo(server_dsn, dbname=bare_database.info.dbname)


@pytest.fixture
def reference_dsn(server_dsn: str, reference_database: psycopg.Connection[Any]) -> str:
    """Return the conninfo of a fresh database with the engine and the workflow client_to_delivery."""
    return make_conninfo(server_dsn, dbname=reference_database.info.dbname)


@pytest.fixture
def reference_conn(reference_database: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """Return an autocommit connection to that database, whose search_path finds the workflow's tables."""
    connection = _autocommit(reference_database)
    connection.execute(f"set search_path = {REFERENCE_SCHEMA}".encode())
    return connection


@pytest.fixture
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Return a maker of further connections, by default autocommit and to ``dsn``; closed at the end."""
    with ExitStack() as stack:

        def make(conninfo: str | None = None, **options: Any) -> psycopg.Connection[Any]:
            target = conninfo or request.getfixturevalue("dsn")
            connection = psycopg.connect(target, **{"autocommit": True, **options})
            stack.callback(connection.close)
            return connection

        yield make


@pytest.fixture
def wait_until_blocked(connect: Connect) -> Callable[..., None]:
    """Waits until the given session waits for a lock that another one holds, or its task is over."""
    watcher = connect(autocommit=True)

    def wait(conn: psycopg.Connection[Any], unless: Future[Any] | None = None) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            row = watcher.execute("select pg_blocking_pids(%s)", [conn.info.backend_pid]).fetchone()
            if (row and row[0]) or (unless is not None and unless.done()):
                return
        raise AssertionError("the session never came to wait for a lock")

    return wait


@pytest.fixture
def in_background(server_dsn: str, database: psycopg.Connection[Any]) -> Any:
    """Runs a call in a thread; gives its Future. What waits for a test that has failed is ended with it."""
    calls: list[Future[Any]] = []
    with ThreadPoolExecutor(max_workers=8) as pool:

        def submit(call: Callable[..., Any], *values: Any) -> Future[Any]:
            calls.append(pool.submit(call, *values))
            return calls[-1]

        yield submit
        if not all(call.done() for call in calls):
            with psycopg.connect(server_dsn, autocommit=True) as admin:
                end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
                admin.execute(end, [database.info.dbname])


@pytest.fixture
def barrier() -> Callable[[int], threading.Barrier]:
    """Makes a barrier that gives up instead of hanging."""
    return lambda parties: threading.Barrier(parties, timeout=PATIENCE)


@pytest.fixture(scope="session")
def pg_bin(server_dsn: str) -> Path:
    """Return a directory with a psql and a pg_dump that the session's server accepts."""
    with psycopg.connect(server_dsn) as connection:
        return find_bin_dir(connection.info.server_version // 10000)
