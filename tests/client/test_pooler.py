"""Everything that the client does also goes through a transaction-mode pooler with two server connections."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgunwind.demo.server import EmbeddedServer

HERE = Path(__file__).parent
PORT = 6432
# Those tests end server processes by their number, or set options of a session: a pooler hides the first and
# refuses the second.
NOT_BEHIND_A_POOLER = ["test_pooler.py", "test_lost_connection.py", "test_session.py"]
CONFIG = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr =
unix_socket_dir = {directory}
listen_port = {own_port}
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_client_conn = 500
ignore_startup_parameters = extra_float_digits,options
server_reset_query_always = 0
logfile = {directory}/log
pidfile = {directory}/pid
"""


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    """Return a server of the pooler's own: the tests behind it make databases of the same names."""
    with EmbeddedServer({"max_connections": "200"}) as own:
        yield own


@pytest.fixture
def pooler(server: EmbeddedServer) -> Iterator[str]:
    """Return the conninfo of a pgbouncer before it, which runs as the owner of the server's socket."""
    program = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
    if program is None:
        pytest.skip("pgbouncer is not installed")
    owner = server.directory.stat().st_uid
    directory = server.directory / "pooler"
    directory.mkdir()
    config = directory / "pgbouncer.ini"
    config.write_text(
        CONFIG.format(
            host=server.host, port=server.port, user=server.user, directory=directory, own_port=PORT
        )
    )
    for path in (directory, config):
        os.chown(path, owner, -1)
    account: dict[str, Any] = {"user": owner} if os.geteuid() == 0 else {}
    process = subprocess.Popen(
        [program, config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **account
    )
    try:
        dsn = make_conninfo(server.dsn, host=str(directory), port=PORT)
        wait_until_it_answers(dsn, process, directory / "log")
        yield dsn
    finally:
        process.terminate()
        process.wait()


def wait_until_it_answers(dsn: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            psycopg.connect(dsn).close()
            return
        except psycopg.OperationalError as error:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, f"{error}\n{log.read_text()}"
            time.sleep(0.01)


def test_the_clients_tests_pass_through_a_transaction_mode_pooler(
    server: EmbeddedServer, pooler: str
) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", HERE]
    command += [f"--ignore={HERE / name}" for name in NOT_BEHIND_A_POOLER]
    # Nor can a heartbeat get through where steps keep every connection of the pooler's busy.
    command += [
        "-k",
        "not lost_connection and not keep_every_connection_busy",
        "-o",
        "faulthandler_timeout=60",
    ]
    ended = subprocess.run(
        command,
        env={**os.environ, "PGUNWIND_DSN": server.dsn, "PGUNWIND_TEST_POOLER": pooler},
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    print(ended.stdout[-4000:])
    assert ended.returncode == 0, ended.stdout[-8000:]
