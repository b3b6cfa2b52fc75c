"""pgunwind install: the engine, without alembic."""

from __future__ import annotations

from importlib.resources import as_file

import click

from pgunwind import manifest
from pgunwind._commands import schema_version

from ._database import opened
from ._options import common
from ._screen import say


@click.command()
@common
def install() -> None:
    """Install the engine, or bring it up to date in place.

    One transaction, as psql does with install.sql. Nobody is let in but the owner: see pgunwind grant.
    """
    with opened() as database:
        with database.connection.transaction():
            database.connection.execute("set local client_min_messages = warning")
            manifest.install(database.connection)
        version = database.ask(schema_version())
        say(f"pgunwind is installed in {database.name}: schema version {version}.")


@click.command("install-sql")
def install_sql() -> None:
    """Print the path of install.sql.

    For psql -1 -v ON_ERROR_STOP=1 -f.
    """
    with as_file(manifest.root()) as tree:
        click.echo(tree / manifest.INSTALL)
