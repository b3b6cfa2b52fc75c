"""What options every command has, and what was said with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args

import click

from pgunwind.results import OnConflict

F = TypeVar("F", bound=Callable[..., Any])


def _kept(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep what was said, before the command's name or after it."""
    if value:
        context.meta[f"pgunwind.{parameter.name}"] = value


def said(name: str) -> Any:
    """What was said with an option; None: nothing."""
    return click.get_current_context().meta.get(f"pgunwind.{name}")


def common(command: F) -> F:
    """The options that stand before a command's name or after it."""
    dsn = click.option(
        "--dsn",
        metavar="ADDRESS",
        expose_value=False,
        callback=_kept,
        help="The database: conninfo or URL. Else PGUNWIND_DSN, DATABASE_URL, and what psql reads.",
    )
    debug = click.option(
        "--debug", is_flag=True, expose_value=False, callback=_kept, help="Show a traceback with an error."
    )
    return dsn(debug(command))


json_option = click.option("--json", "in_json", is_flag=True, help="Print JSON.")
force_option = click.option(
    "--force", is_flag=True, help="Also a COMPLETED run, or one that another worker still claims."
)
conflict_option = click.option(
    "--on-conflict",
    type=click.Choice(get_args(OnConflict)),
    default=get_args(OnConflict)[0],
    show_default=True,
    help="What about captured rows that somebody else has changed since.",
)
yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask.")
