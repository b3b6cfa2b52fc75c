"""pgunwind status: how many runs are how, and what waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click

from pgunwind.results import RunStatus

from . import _views
from ._database import opened
from ._options import common, json_option
from ._screen import LIVE, as_json, count, exact, heading, lasting, next_to_type, runs_table, say, table

STATUSES: tuple[RunStatus, ...] = ("RUNNING", "FAILED", "COMPENSATING", "COMPLETED", "COMPENSATED")
SHOWN = 10
"""Stuck runs that are shown; the JSON has all."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the runs that no sweep will undo, and what to type about one of them."""

    title: str
    which: str
    hint: str
    command: str


UNDECIDED = Part("Stuck", "that a person has to decide about", "To see one", "show")
PARTS = {
    "conflict": Part("In conflict", "whose rows somebody else has changed since", "To see which", "preview"),
    "restored": Part("Restored", "that sweeps pass by", "To undo one after all", "undo"),
}
"""By the reason; all others are undecided."""


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
    for part in (UNDECIDED, *PARTS.values()):
        _show_stuck(part, [row for row in stuck if PARTS.get(row.reason, UNDECIDED) == part])


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
    rows = [row for row in waiting if row.due or row.pausing or row.stuck or row.conflicts]
    if not rows:
        say("Nothing waits to be undone.")
        return
    heading("What waits")
    table(
        ("workflow", "due", "pausing", "stuck", "conflicts", "longest wait"),
        [
            (row.workflow, row.due, row.pausing, row.stuck, row.conflicts, lasting(row.longest_wait))
            for row in rows
        ],
    )
    if any(row.due for row in rows):
        next_to_type("To see them", "runs", "--status", "FAILED")
        next_to_type("To undo all that is due", "recover")


def _show_stuck(part: Part, stuck: Sequence[_views.Stuck]) -> None:
    if not stuck:
        return
    heading(f"{part.title}: {count(len(stuck), 'run')} {part.which}")
    runs_table(
        ("why", "untouched", "workflow"),
        [
            (row.run_id, row.business_key, _trouble(row), (row.reason, lasting(row.age), row.workflow))
            for row in stuck[:SHOWN]
        ],
    )
    if len(stuck) > SHOWN:
        say(f"and {len(stuck) - SHOWN} more: --json lists all")
    next_to_type(part.hint, part.command, stuck[0].run_id)


def _trouble(row: _views.Stuck) -> str | None:
    return f"held by {row.held_by}" if row.held_by else row.last_error
