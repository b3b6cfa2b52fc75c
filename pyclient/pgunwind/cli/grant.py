"""pgunwind grant: lets a role in."""

from __future__ import annotations

import click

from pgunwind._visible import visible

from . import _views
from ._database import opened
from ._options import common
from ._screen import say


@click.command()
@click.argument("role")
@click.option(
    "--as",
    "access",
    required=True,
    type=click.Choice(["application", "operator", "viewer"]),
    help="application: its own runs; operator: everybody's; viewer: reads.",
)
@common
def grant(role: str, access: str) -> None:
    """Let a role in, or change as what.

    For the owner of the engine. All else that ROLE had on the engine is taken from it first. It gets no
    rights on your own tables.
    """
    with opened() as database:
        database.ask(_views.grant_access(role, access))
        say(f"Role {visible(role)} may use pgunwind in {database.name} as {access}.")
