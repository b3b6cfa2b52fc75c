r"""Reads the manifests of the SQL tree, so that psql and Python run the same files in the same order.

A manifest is a file of psql's ``\ir relative/path.sql`` lines and ``--`` comments, nothing else; it may
include other manifests. ``sql/install.sql`` is the one that installs the engine.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from psycopg import Connection

INSTALL = "install.sql"
STEPS = "engine/steps/"
UNINSTALL = "dba/parts/remove_engine.sql"
PATH_FILES = frozenset({"engine/pin_path.sql", "engine/restore_path.sql"})
"""For psql alone: what they do for its session, Python does for its transaction."""

PIN_PATH = "set local search_path = pg_catalog, pg_temp"
"""Names without a schema are PostgreSQL's own, whatever the installer's search_path holds."""

_SET = "select pg_catalog.set_config('{}', pg_catalog.current_setting('{}'), true)"

_INCLUDE = re.compile(r"\\ir\s+(?P<path>[^\s']+)")
_META_COMMAND = re.compile(r"\\[a-z]")


class ManifestError(Exception):
    """A manifest holds something other than includes and comments; the message names file and line."""


class SqlFile(NamedTuple):
    """One SQL file: its path inside the SQL tree, and its text."""

    path: str
    text: str


def root() -> Traversable:
    """Return the SQL tree of the installed package, wherever that is: checkout, wheel or zip."""
    return files("pgunwind.sql")


def read(manifest: str = INSTALL, tree: Traversable | None = None) -> list[SqlFile]:
    """Return the files that a manifest includes, in the order in which psql would run them."""
    return list(_expand(manifest, tree or root(), ()))


def engine_files() -> list[SqlFile]:
    """Return every file of the engine in install order, but for those that pin psql's search_path."""
    return [file for file in read() if file.path not in PATH_FILES]


def step_files() -> list[SqlFile]:
    """Return the numbered steps, which make the tables; each is run once, by its migration."""
    return [file for file in engine_files() if file.path.startswith(STEPS)]


def function_files() -> list[SqlFile]:
    """Return everything but the steps: the lock, functions and grants, which are simply run again."""
    return [file for file in engine_files() if not file.path.startswith(STEPS)]


def step_file(path: str) -> SqlFile:
    """Return the one step at this path, e.g. ``engine/steps/0001_tables.sql``."""
    for file in step_files():
        if file.path == path:
            return file
    raise ManifestError(f"{INSTALL} includes no step {path}")


def install(conn: Connection[Any]) -> None:
    """Install the engine over a connection, in one transaction, as ``psql -1 -f install.sql`` would."""
    outermost = conn.info.transaction_status.name == "IDLE"
    with conn.transaction():
        if outermost:  # definitions want no other level, which may be the default
            conn.execute("set transaction isolation level read committed")
        conn.execute(_SET.format("unwind.path_before", "search_path").encode())
        conn.execute(PIN_PATH)
        execute(conn, engine_files())
        # The caller may have a transaction of its own around this one.
        conn.execute(_SET.format("search_path", "unwind.path_before").encode())


def uninstall_text() -> str:
    """Return what removes the engine but for schema unwind, in which alembic keeps its version table."""
    return _text(UNINSTALL, root(), ())


def uninstall(conn: Connection[Any]) -> None:
    """Remove the engine over a connection, in one transaction, with all that it knows.

    Raises psycopg.errors.ObjectInUse (55006) while live runs would lose their ledger.
    """
    with conn.transaction():
        conn.execute(PIN_PATH)
        conn.execute("set local client_min_messages = warning")
        conn.execute(uninstall_text().encode())
        conn.execute("drop schema unwind cascade")


def execute(conn: Connection[Any], sql_files: list[SqlFile]) -> None:
    """Run files in order in one transaction; an error says which file it came from."""
    with conn.transaction():
        for file in sql_files:
            try:
                # bytes, not str: the text is no literal of this program, and has no parameters.
                conn.execute(file.text.encode())
            except Exception as error:
                error.add_note(f"in {file.path}")
                raise


def _expand(path: str, tree: Traversable, parents: tuple[str, ...]) -> Iterator[SqlFile]:
    """Yield the file at path, or, if it is a manifest, the files it includes."""
    if path in parents:
        raise ManifestError(f"{parents[-1]}: {path} includes itself")
    text = _text(path, tree, parents)
    is_manifest = not parents or any(_INCLUDE.match(line) for line in text.splitlines())
    if not is_manifest:
        yield SqlFile(path, _checked_script(path, text))
        return
    for included in _includes(path, text):
        yield from _expand(included, tree, (*parents, path))


def _text(path: str, tree: Traversable, parents: tuple[str, ...]) -> str:
    """Read one file; if it is not there, say who asked for it."""
    try:
        return tree.joinpath(path).read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError) as error:
        asked = f"{parents[-1]}: " if parents else ""
        raise ManifestError(f"{asked}there is no file {path} in {tree}") from error


def _includes(manifest: str, text: str) -> Iterator[str]:
    """Yield the paths a manifest includes, resolved as psql does: relative to the manifest itself."""
    for number, line in enumerate(text.splitlines(), start=1):
        statement = line.strip()
        if not statement or statement.startswith("--"):
            continue
        include = _INCLUDE.fullmatch(statement)
        if include is None:
            raise ManifestError(
                rf"{manifest}:{number}: expected '\ir path' or a '--' comment, found: {statement}"
            )
        path = posixpath.normpath(posixpath.join(posixpath.dirname(manifest), include["path"]))
        if path.startswith(("../", "/")):
            raise ManifestError(f"{manifest}:{number}: {include['path']} leaves the SQL tree")
        yield path


def _checked_script(path: str, text: str) -> str:
    """Return the text, or refuse it if it needs psql: migrations run these files without psql."""
    for number, line in enumerate(text.splitlines(), start=1):
        if _META_COMMAND.match(line):
            raise ManifestError(f"{path}:{number}: a psql command in a file that also runs without psql")
    return text
