"""pgunwind uninstall: the engine goes, with all that it knows."""

from __future__ import annotations

import click
import psycopg

from pgunwind import manifest
from pgunwind._commands import schema_version
from pgunwind._io import execute
from pgunwind._schema_version import schema_missing

from ._database import Database, opened
from ._failures import Failure
from ._options import common, yes_option
from ._screen import say


@click.command()
@common
@yes_option
def uninstall(yes: bool) -> None:
    """Remove the engine, receipts included. Refused while runs are live."""
    with opened() as database:
        _require_engine(database)
        question = f"Remove pgunwind's tables from {database.name}, and all receipts in them?"
        if not (yes or click.confirm(question)):
            raise Failure("not confirmed: nothing is changed")
        manifest.uninstall(database.connection)
        say(f"pgunwind is removed from {database.name}.")


def _require_engine(database: Database) -> None:
    """Refuse where there is none; an old one may go as well."""
    try:
        execute(database.connection, schema_version())
    except psycopg.Error as error:
        missing = schema_missing(error)
        if missing is None:
            raise
        raise missing from error
