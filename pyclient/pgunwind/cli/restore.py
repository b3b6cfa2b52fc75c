"""pgunwind restore: takes undos back; looks, asks, restores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import click
from psycopg import errors as postgres

from pgunwind._visible import visible
from pgunwind.results import OnConflict, RunRow

from . import _views
from ._asking import confirm, expect_somebody
from ._database import Database, opened
from ._failures import Failure
from ._options import common, conflict_option, json_option, yes_option
from ._receipts import receipts_table, told
from ._screen import as_json, count, next_to_type, say, tree, typed
from ._whole import all_or_none
from .preview import DONE, show_conflicts

SHOWN = 20
"""Ids of runs of one undo that are shown; the hint has all."""


@click.command()
@click.argument("run_ids", metavar="RUN...", nargs=-1, required=True)
@conflict_option
@yes_option
@common
@json_option
def restore(run_ids: Sequence[str], on_conflict: OnConflict, yes: bool, in_json: bool) -> None:
    """Take undos back: show what would come back, ask, restore it.

    What an undo did in captured tables is reversed, for all of RUN... in one transaction.
    A run is COMPLETED again if it was; else it is FAILED, and sweeps pass it by.
    """
    if in_json and not yes:
        raise click.UsageError("--json asks nothing: it wants --yes")
    run_ids = tuple(dict.fromkeys(run_ids))
    with opened() as database:
        for run_id in run_ids:
            database.unwind.get_run(run_id)  # one that is not there is refused before anything is asked
        undos = _undos(database, run_ids, on_conflict)
        if not in_json:
            for one in undos:
                _show_undo(one, on_conflict)
        _refuse_conflicts(undos, on_conflict)
        if undos and not yes:
            expect_somebody()
            rows = sum(one.rows for one in undos)
            of_runs = f"the undo of {count(len(run_ids), 'run')}"
            say(f"In database {database.name}, {of_runs} is taken back: {count(rows, 'row')}.")
            confirm()
        _at_once(database, run_ids, on_conflict)
        restored = [_restored(database, run_id) for run_id in run_ids]
    if in_json:
        as_json(restored)
    else:
        _show(restored)


@dataclass(frozen=True, slots=True)
class Undo:
    """An undo, and what taking it back would do."""

    run_ids: tuple[str, ...]
    changes: tuple[_views.Back, ...]

    @property
    def rows(self) -> int:
        """Rows that would be changed."""
        return sum(change.rows for change in self.changes if change.action != "conflict")

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Rows that somebody else has changed since, the first of each table."""
        return tuple(
            f"{change.table_name} {row}" for change in self.changes for row in change.conflicts
        ) + tuple(
            f"{change.table_name}: {change.rows - len(change.conflicts):,} more"
            for change in self.changes
            if change.action == "conflict" and change.rows > len(change.conflicts)
        )


def _undos(database: Database, run_ids: Sequence[str], on_conflict: OnConflict) -> list[Undo]:
    """The undos of the runs that are undone; refused where one cannot be taken back, or not by itself."""
    undone = database.ask(_views.undone(run_ids))
    for one in undone:
        if one.blocked_by is not None:
            raise Failure(
                f"the undo of run {one.run_id!r} cannot be taken back; nothing is changed",
                f"What it deleted: {typed('show', one.run_id)}",
                detail=one.blocked_by,
            )
        if not set(one.together) <= set(run_ids):
            others = count(len(one.together) - 1, "other")
            command = typed("restore", *dict.fromkeys([*run_ids, *one.together]))
            raise Failure(
                f"run {one.run_id!r} was undone together with {others}; nothing is changed",
                f"They come back together: {command}",
            )
    return [
        Undo(together, database.ask(_views.back(together[0], on_conflict)))
        for together in dict.fromkeys(one.together for one in undone)
    ]


def _show_undo(one: Undo, on_conflict: OnConflict) -> None:
    """A tree: the runs that were undone together, their tables."""
    more = f" and {len(one.run_ids) - SHOWN:,} more" if len(one.run_ids) > SHOWN else ""
    say(", ".join(visible(run_id) for run_id in one.run_ids[:SHOWN]) + more, "bold")
    rows = [change for change in one.changes if change.action != "conflict"]
    tree(
        (DONE[action], [(visible(change.table_name), change.rows) for change in group])
        for action, group in groupby(rows, key=lambda change: change.action)
    )
    if one.conflicts:
        show_conflicts(one.conflicts, on_conflict)
    if not one.changes:
        say("  Nothing of it is to be done any more.")


def _refuse_conflicts(undos: Sequence[Undo], on_conflict: OnConflict) -> None:
    """An undo that is in conflict need not be tried; of several a later one may be all that is in the way."""
    if len(undos) == 1 and undos[0].conflicts and on_conflict != "skip":
        command = typed("restore", *undos[0].run_ids, "--on-conflict", "skip")
        raise Failure(
            "somebody else has changed rows since; nothing is changed",
            f"Undo the runs that did it first, or leave those rows as they are: {command}",
            detail="\n".join(undos[0].conflicts),
        )


def _at_once(database: Database, run_ids: Sequence[str], on_conflict: OnConflict) -> None:
    """Take them back in one transaction."""
    try:
        with all_or_none(database, run_ids, "restored", lambda run: run.status != "COMPENSATED"):
            if len(run_ids) == 1:
                database.unwind.restore_run(run_ids[0], on_conflict)
            else:
                database.unwind.restore_runs(run_ids, on_conflict)
    except postgres.ObjectNotInPrerequisiteState as error:  # one that is not undone, or not any more
        raise Failure(
            f"{error.diag.message_primary} [{error.sqlstate}]", f"To see it: {typed('show', run_ids[0])}"
        ) from error


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a run."""

    run: RunRow
    receipts: tuple[_views.Kept, ...]


def _restored(database: Database, run_id: str) -> Restored:
    kept = [receipt for receipt in database.ask(_views.receipts(run_id)) if receipt.kind == "restore"]
    last = max((receipt.undo for receipt in kept), default=0)
    return Restored(
        database.unwind.get_run(run_id), tuple(receipt for receipt in kept if receipt.undo == last)
    )


def _show(restored: Iterable[Restored]) -> None:
    held = []
    for one in restored:
        say(f"{visible(one.run.id)} is restored: {one.run.status} again, {told(one.receipts, ' deleted')}.")
        if one.receipts:
            receipts_table(one.receipts)
        if one.run.held_at is not None:
            held.append(one.run.id)
    if held:
        say("Sweeps pass by what is FAILED and restored.")
        next_to_type("To undo it after all", "undo", *held)
