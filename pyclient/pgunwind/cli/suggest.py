"""pgunwind suggest: a first version of a workflow's definition."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ._database import opened
from ._options import common


@click.command()
@click.argument("table")
@click.argument("key_columns", metavar="[COLUMN...]", nargs=-1)
@common
def suggest(table: str, key_columns: Sequence[str]) -> None:
    """Print the SQL that would define a workflow.

    For TABLE and what hangs below it. TABLE is written as SQL writes it, such as 'app."Order"'; its key is
    the primary key, or these columns. Nothing is changed: read the script and change it, then run it.
    """
    with opened() as database:
        click.echo(database.unwind.suggest_workflow(table, *key_columns), nl=False)
