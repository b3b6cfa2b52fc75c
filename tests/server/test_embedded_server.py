"""The private server: it starts, survives its own crash, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from pgunwind.demo.server import EmbeddedServer, ServerError, find_bin_dir, running_server


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer({"work_mem": "5MB"}) as started:
        yield started


def ask(dsn: str, query: bytes) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def test_settings_are_applied(server: EmbeddedServer) -> None:
    assert ask(server.dsn, b"show work_mem") == "5MB"


def test_databases_are_utf8_and_sort_by_code_point(server: EmbeddedServer) -> None:
    assert ask(server.dsn, b"select pg_encoding_to_char(encoding) || datcollate from pg_database") == "UTF8C"


def test_any_database_has_a_dsn(server: EmbeddedServer) -> None:
    assert ask(server.database_dsn("template1"), b"select current_database()") == "template1"


def test_nobody_else_can_enter(server: EmbeddedServer) -> None:
    assert server.directory.stat().st_mode & 0o077 == 0


def test_nothing_listens_on_tcp(server: EmbeddedServer) -> None:
    assert ask(server.dsn, b"show listen_addresses") == ""


def test_pg_variables_do_not_mislead_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATA", "/nonexistent")
    monkeypatch.setenv("PGPORT", "1")
    with EmbeddedServer() as server:
        assert ask(server.dsn, b"select 1") == 1


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_committed_rows_survive_a_stop(mode: str) -> None:
    with EmbeddedServer() as server:
        with psycopg.connect(server.dsn) as connection:
            connection.execute("create table kept as select 7 as n")
        server.stop(mode)  # type: ignore[arg-type]
        assert server.pid is None
        server.start()
        assert ask(server.dsn, b"select n from kept") == 7


def test_the_directory_goes_with_the_server() -> None:
    with EmbeddedServer() as server:
        directory = server.directory
        assert directory.exists()
    assert not directory.exists()


def test_a_wrong_setting_is_reported_with_the_log() -> None:
    with pytest.raises(ServerError, match="shared_buffers"), EmbeddedServer({"shared_buffers": "none"}):
        pass


def test_a_failed_start_leaves_nothing_running() -> None:
    server = EmbeddedServer({"shared_buffers": "none"})
    with pytest.raises(ServerError), server:
        pass
    assert server.pid is None


def test_a_named_bin_dir_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    found = find_bin_dir()
    monkeypatch.setenv("PGUNWIND_PG_BIN", str(found))
    assert find_bin_dir(minimum_major=99) == found.resolve()


def test_a_named_bin_dir_without_a_server_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PGUNWIND_PG_BIN", str(tmp_path))
    with pytest.raises(ServerError, match=r"lacks initdb, postgres, psql, pg_dump"):
        find_bin_dir()


def test_too_new_a_minimum_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGUNWIND_PG_BIN", raising=False)
    with pytest.raises(ServerError, match="PGUNWIND_PG_BIN"):
        find_bin_dir(minimum_major=99)


def test_a_running_server_is_used_when_named(monkeypatch: pytest.MonkeyPatch, server: EmbeddedServer) -> None:
    monkeypatch.setenv("PGUNWIND_DSN", server.dsn)
    with running_server({"work_mem": "1MB"}) as dsn:
        assert dsn == server.dsn


OWNER = """
import sys, time
from pgunwind.demo.server import EmbeddedServer
server = EmbeddedServer()
server.start()
print(server.pid, server.directory, flush=True)
{end}
"""


def owner(end: str) -> tuple[subprocess.Popen[str], int, Path]:
    """Start a process that owns a server and then does what ``end`` says."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER.format(end=end)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    pid, directory = process.stdout.readline().split(maxsplit=1)
    return process, int(pid), Path(directory.strip())


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    status = Path(f"/proc/{pid}/status")
    # A zombie is no longer running; nobody may be there to collect it.
    return not (status.exists() and "State:\tZ" in status.read_text())


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 20
    while is_running(pid):
        assert time.monotonic() < deadline, f"process {pid} is still running"
        time.sleep(0.05)


def test_a_program_that_forgets_to_close_leaves_nothing() -> None:
    process, pid, directory = owner("")
    with process:
        process.wait()
    wait_until_gone(pid)
    assert not directory.exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a child with its parent")
def test_a_killed_program_takes_its_server_along_and_the_next_one_cleans_up() -> None:
    process, pid, directory = owner("time.sleep(60)")
    with process:
        process.send_signal(signal.SIGKILL)
    wait_until_gone(pid)
    long_ago = time.time() - 3600
    os.utime(directory, (long_ago, long_ago))
    with EmbeddedServer():
        assert not directory.exists()


INTERRUPTED = """
import signal, threading, time
from pgunwind.demo.server import EmbeddedServer
signal.signal(signal.SIGINT, signal.default_int_handler)
server = EmbeddedServer()

def tell() -> None:
    while server._directory is None or not (server.directory / "data" / "{file}").exists():
        time.sleep(0.001)
    print(server.directory, flush=True)

threading.Thread(target=tell, daemon=True).start()
with server:
    time.sleep(60)
"""


@pytest.mark.parametrize("send", [os.killpg, os.kill], ids=["to all", "to the program"])
@pytest.mark.parametrize("file", [".", "base", "PG_VERSION", "global/pg_control", "postmaster.pid"])
def test_an_interrupt_while_its_data_are_made_or_it_starts_leaves_nothing(
    file: str, send: Callable[[int, int], None]
) -> None:
    """Ctrl-C goes to all processes of a terminal, here to those of a session; a supervisor's to one."""
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED.format(file=file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        directory = Path(process.stdout.readline().strip())
        send(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert not directory.exists()
    assert not is_mentioned(str(directory))


def is_mentioned(words: str) -> bool:
    """Whether a process that runs has these words in its command line."""
    for commands in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if words in commands.read_bytes().decode(errors="replace").replace("\0", " "):
                return True
    return False


def test_ctrl_c_does_not_reach_the_server() -> None:
    process, pid, _ = owner("sys.stdin.read()")
    with process:
        assert os.getsid(pid) == pid
        assert process.stdin is not None
        process.stdin.close()
