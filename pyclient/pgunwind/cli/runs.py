"""pgunwind runs: the runs by what is known of them."""

from __future__ import annotations

from typing import Any, get_args

import click

from pgunwind.results import RunStatus

from . import _views
from ._database import opened
from ._options import common, json_option
from ._screen import as_json, moment, next_to_type, runs_table, say
from ._times import since_option, until_option


@click.command()
@click.option("--workflow", "-w", metavar="NAME", help="Of this workflow.")
@click.option(
    "--status", "-s", type=click.Choice(get_args(RunStatus), case_sensitive=False), help="In this status."
)
@click.option("--business-key", "-k", metavar="KEY", help="About this business key.")
@since_option
@until_option
@click.option(
    "--sort",
    type=click.Choice(get_args(_views.Sort)),
    default="newest",
    show_default=True,
    help="What comes first; updated: what changed last, tries: what was tried most often.",
)
@click.option(
    "--limit", "-n", type=click.IntRange(1, 100_000), default=20, show_default=True, help="A page's length."
)
@click.option("--page", type=click.IntRange(1, 10_000), default=1, show_default=True, help="Which page.")
@common
@json_option
def runs(
    workflow: str | None,
    status: RunStatus | None,
    business_key: str | None,
    since: Any,
    until: Any,
    sort: _views.Sort,
    limit: int,
    page: int,
    in_json: bool,
) -> None:
    """List runs by what is known of them."""
    with opened() as database:
        asked = _views.runs(workflow, business_key, status, since, until, sort, limit + 1, (page - 1) * limit)
        found = database.ask(asked)
        if workflow is not None and not found:
            database.unwind.describe_workflow(workflow)  # a name that is mistyped is no all-clear
    shown = found[:limit]
    if in_json:
        as_json(shown)
        return
    if not shown:
        say("No runs." if page == 1 else f"No runs on page {page}.")
        return
    runs_table(
        ("workflow", "status", "started"),
        [
            (run.id, run.business_key, run.last_error, (run.workflow, run.status, moment(run.created_at)))
            for run in shown
        ],
    )
    if len(found) > limit:
        say(f"There are more: --page {page + 1}")
    next_to_type("To see one", "show", shown[0].id)
