"""Installs, upgrades and removes the engine with alembic; needs ``pip install 'pgunwind[migrate]'``.

    from pgunwind import migrate
    migrate.upgrade("postgresql://localhost/shop")

A dsn is whatever libpq takes, a conninfo string or a URL, or a URL of SQLAlchemy's. How an upgrade goes
(steps, then functions, under a lock) is in ``migrations/env.py``; these functions only start it.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

import psycopg
import sqlalchemy.exc
from alembic import command, context
from alembic.config import Config
from alembic.util import CommandError

from pgunwind import manifest

# The trailing dot: alembic joins what follows the colon to the package before it, and in an editable install
# the package pgunwind.migrations is not a folder inside pgunwind.
SCRIPT_LOCATION = "pgunwind.migrations:."

__all__ = ["CommandError", "config", "downgrade", "offline_script", "run_pinned", "run_sql", "upgrade"]

SCHEMA = "unwind"
VERSION_TABLE = "alembic_version"


def config(dsn: str | None = None) -> Config:
    """Return an alembic configuration for a database, for use with ``alembic.command``.

    The address travels as an attribute and never through an ini value, so nothing in it needs escaping.
    """
    result = Config()
    result.set_main_option("script_location", SCRIPT_LOCATION)
    result.set_main_option("path_separator", "os")
    if dsn is not None:
        result.attributes["dsn"] = dsn
    return result


def upgrade(dsn: str, revision: str = "head", sql: bool = False) -> None:
    """Bring a database to a revision, in place; at the newest, its functions are replaced too.

    With sql=True nothing is connected to: the script is printed instead.
    """
    with _plain_errors():
        command.upgrade(config(dsn), revision, sql=sql)


def downgrade(dsn: str, revision: str = "base") -> None:
    """Take a database back to a revision; base removes all of pgunwind.

    Raises psycopg.errors.ObjectInUse (55006) while live runs would lose their ledger.
    """
    with _plain_errors():
        command.downgrade(config(dsn), revision)


def offline_script() -> str:
    """Return the SQL that installs the engine as ``upgrade`` does, for those who review before they run."""
    script = io.StringIO()
    offline = config()
    offline.output_buffer = script
    command.upgrade(offline, "head", sql=True)
    return script.getvalue()


def run_pinned(*texts: str) -> None:
    """Run SQL texts with search_path pinned until the migration's transaction ends."""
    for text in (f"{manifest.PIN_PATH};", *texts):
        run_sql(text)


def run_sql(text: str) -> None:
    """Run SQL text in a migration as it stands: no bind parameters, no percent signs to double."""
    current = context.get_context()
    if current.as_sql:
        current.impl.static_output(text)
    else:
        assert current.connection is not None
        current.connection.exec_driver_sql(text, execution_options={"no_parameters": True})


@contextlib.contextmanager
def _plain_errors() -> Iterator[None]:
    """Raise PostgreSQL's own errors, with their SQLSTATE and hint, in place of SQLAlchemy's wrapping."""
    try:
        yield
    except sqlalchemy.exc.DBAPIError as error:
        if isinstance(error.orig, psycopg.Error):
            raise error.orig from None
        raise
