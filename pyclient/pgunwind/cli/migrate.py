"""pgunwind migrate: the engine by alembic."""

from __future__ import annotations

import click

from ._database import address
from ._failures import Exit, Failure
from ._options import common
from ._screen import tell


@click.command()
@click.option("--revision", default="head", show_default=True, help="How far to go.")
@click.option("--sql", is_flag=True, help="Print the script instead of running it.")
@common
def migrate(revision: str, sql: bool) -> None:
    """Install or upgrade the engine by alembic."""
    try:
        from pgunwind import migrate as migrations
    except ModuleNotFoundError as error:
        raise Failure(
            f"{error.name} is missing: pip install 'pgunwind[migrate]'", "pgunwind install does without it."
        ) from error
    try:
        migrations.upgrade("" if sql else address(), revision, sql=sql)
    except migrations.CommandError as error:
        raise Failure(str(error), code=Exit.REFUSED) from error
    if not sql:
        tell(f"pgunwind is at revision {revision}.")
