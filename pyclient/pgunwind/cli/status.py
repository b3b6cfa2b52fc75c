"""pgunwind status: how many runs are how, and what waits."""

from __future__ import annotations

from collections.abc import Iterable

import click

from pgunwind.results import RunStatus

from . import _views
from ._database import opened
from ._options import common, json_option
from ._screen import LIVE, as_json, count, exact, heading, lasting, next_to_type, runs_table, say, table

STATUSES: tuple[RunStatus, ...] = ("RUNNING", "FAILED", "COMPENSATING", "COMPLETED", "COMPENSATED")
SHOWN = 10
"""Stuck runs that are shown; the JSON has all."""


@click.command()
@common
@json_option
def status(in_json: bool) -> None:
    """Show how many runs are in which status, and what waits."""
    with opened() as database:
        defined = database.ask(_views.workflows())
        counts = database.ask(_views.counts())
        waiting = database.ask(_views.backlog())
        stuck = database.ask(_views.stuck())
        name = database.name
    if in_json:
        as_json({"workflows": defined, "runs": counts, "backlog": waiting, "stuck": stuck})
        return
    if not defined and not counts:
        say(f"No workflow is defined in database {name}.")
        next_to_type("To begin", "suggest", "TABLE")
        return
    _show_counts([row.workflow for row in defined], counts)
    _show_waiting(waiting)
    _show_stuck(stuck)


def _show_counts(defined: Iterable[str], counts: Iterable[_views.Count]) -> None:
    runs = {(row.workflow, row.status): row for row in counts}
    names = dict.fromkeys([*defined, *(workflow for workflow, _ in runs)])
    table(
        ("workflow", *STATUSES),
        [(name, *(runs[name, one].runs if (name, one) in runs else 0 for one in STATUSES)) for name in names],
    )
    live = [row for row in runs.values() if row.status in LIVE]
    if live:
        oldest = min(live, key=lambda row: row.oldest)
        say(f"The oldest live run was started {exact(oldest.oldest)}: {oldest.status}")


def _show_waiting(waiting: Iterable[_views.Waiting]) -> None:
    rows = [row for row in waiting if row.due or row.pausing or row.stuck]
    if not rows:
        say("Nothing waits to be undone.")
        return
    heading("What waits")
    table(
        ("workflow", "due", "pausing", "stuck", "longest wait"),
        [(row.workflow, row.due, row.pausing, row.stuck, lasting(row.longest_wait)) for row in rows],
    )
    if any(row.due for row in rows):
        next_to_type("To see them", "runs", "--status", "FAILED")
        next_to_type("To undo all that is due", "recover")


def _show_stuck(stuck: tuple[_views.Stuck, ...]) -> None:
    if not stuck:
        return
    heading(f"Stuck: {count(len(stuck), 'run')} that a person has to decide about")
    runs_table(
        ("why", "untouched", "workflow"),
        [
            (row.run_id, row.business_key, _trouble(row), (row.reason, lasting(row.age), row.workflow))
            for row in stuck[:SHOWN]
        ],
    )
    if len(stuck) > SHOWN:
        say(f"and {len(stuck) - SHOWN} more: --json lists all")
    next_to_type("To see one", "show", stuck[0].run_id)


def _trouble(row: _views.Stuck) -> str | None:
    return f"held by {row.held_by}" if row.held_by else row.last_error
