"""pgunwind undo: looks, asks, undoes, and proves it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from pgunwind._visible import visible
from pgunwind.results import Leftover, OnConflict, RunRow, RunStatus

from . import _batched, _incident, _views
from ._asking import confirm, expect_somebody, not_confirmed
from ._database import Database, opened
from ._failures import Exit, Failure
from ._incident import MAX_ROWS
from ._options import common, conflict_option, force_option, json_option, yes_option
from ._receipts import receipts_table, told
from ._screen import as_json, count, next_to_type, say, typed
from ._times import since_option, until_option
from ._whole import all_or_none
from .preview import Preview, previewed, undone_with
from .preview import show as show_preview

BATCH_SIZE = 10_000


@click.command()
@click.argument("run_ids", metavar="[RUN...]", nargs=-1)
@click.option(
    "--workflow", "-w", metavar="NAME", help="Instead of RUN: the runs of this workflow in a window."
)
@since_option
@until_option
@click.option(
    "--status",
    "-s",
    type=click.Choice(["FAILED", "COMPLETED", "RUNNING"], case_sensitive=False),
    help="With --workflow: the runs in this status; COMPLETED wants --force too.  [default: FAILED]",
)
@click.option(
    "--max-rows",
    type=click.IntRange(min=0),
    help=f"Delete no more than so many rows.  [default: {MAX_ROWS:,}]",
)
@click.option(
    "--batches", is_flag=True, help="Commit every batch: for a run that is too big for one transaction."
)
@click.option(
    "--batch-size", type=click.IntRange(min=1), default=BATCH_SIZE, show_default=True, help="Rows a batch."
)
@conflict_option
@force_option
@yes_option
@common
@json_option
def undo(
    run_ids: Sequence[str],
    workflow: str | None,
    since: Any,
    until: Any,
    status: RunStatus | None,
    max_rows: int | None,
    batches: bool,
    batch_size: int,
    on_conflict: OnConflict,
    force: bool,
    yes: bool,
    in_json: bool,
) -> None:
    """Undo runs: show what would go, ask, delete it, prove it.

    RUN... go in one transaction, all or none. What they changed in captured tables is restored.

    With --workflow it is an incident: every run in the window goes by itself, and those that are refused are
    skipped and listed (exit status 4). Without --yes that only shows what would be done.
    """
    if workflow is not None:
        if run_ids or batches:
            raise click.UsageError("--workflow stands alone, without RUN and --batches")
        window = _incident.Window(workflow, status or "FAILED", since, until)
        how = _incident.How(force, on_conflict, MAX_ROWS if max_rows is None else max_rows)
        _incident.undo(window, how, yes=yes, in_json=in_json)
        return
    if not run_ids:
        raise click.UsageError("which run? name one, or an incident by --workflow, --since and --until")
    if since or until or status:
        raise click.UsageError("--since, --until and --status go with --workflow")
    if in_json and not yes:
        raise click.UsageError("--json asks nothing: it wants --yes")
    run_ids = tuple(dict.fromkeys(run_ids))
    if batches and len(run_ids) > 1:
        raise click.UsageError("--batches undoes one run at a time")
    if batches and on_conflict != "refuse":
        raise click.UsageError("--on-conflict is for captured rows, and --batches undoes none")
    with opened() as database:
        runs = [database.unwind.get_run(run_id) for run_id in run_ids]
        previews = [previewed(database, run, on_conflict) for run in runs]
        if not in_json:
            for number, one in enumerate(previews):
                show_preview(one, first=number == 0, going=run_ids)
        _refuse_blocked(database, previews)
        allowed = _asked(database, previews, yes=yes, max_rows=max_rows, in_batches=batches)
        if batches:
            again = _again(run_ids[0], batch_size, max_rows, yes=yes)
            _batched.undo(database, previews[0], batch_size=batch_size, force=force, again=again)
        else:
            _at_once(database, run_ids, force=force, on_conflict=on_conflict, max_rows=allowed)
        _prove(database, run_ids, in_json=in_json)


def _refuse_blocked(database: Database, previews: Sequence[Preview]) -> None:
    """One run that is blocked need not be tried; several may be in each other's way alone, and are."""
    if len(previews) == 1 and previews[0].in_the_way:
        why = (
            "rows of others are in the way"
            if previews[0].blockers
            else "somebody else has changed rows since"
        )
        raise Failure(
            f"{why}; nothing is changed",
            _together(database, previews[0]),
            detail="\n".join(previews[0].in_the_way),
        )


def _together(database: Database, one: Preview) -> str:
    """The command that undoes the run with those that have to go with it, if they are all there is to it."""
    code = "UW007" if one.blockers else "UW011"
    words = undone_with(database, one)
    if not words:
        return f"docs/errors.md, {code}, has the ways out."
    return f"To undo their runs too: {typed(*words)}; for other ways out see docs/errors.md, {code}."


def _asked(
    database: Database, previews: Sequence[Preview], *, yes: bool, max_rows: int | None, in_batches: bool
) -> int | None:
    """How many rows may go, once whoever asked has agreed. Nothing to ask where all is undone already."""
    if all(one.run.status == "COMPENSATED" for one in previews):
        return max_rows
    rows = sum(one.rows for one in previews)
    limit = MAX_ROWS if max_rows is None else max_rows
    interactive = sys.stdin.isatty() and not yes
    if rows > limit and not (interactive and max_rows is None):
        raise Failure(
            f"that is {count(rows, 'row')}, and {limit:,} may go; nothing is changed",
            f"If it is meant: --max-rows {rows}"
            + ("" if in_batches else "; for one run that is big, --batches too."),
        )
    if yes:
        return limit
    expect_somebody()
    restored = sum(one.rows_restored for one in previews)
    say(
        f"In database {database.name}, {count(rows - restored, 'row')} of {count(len(previews), 'run')} go"
        + (f", and {restored:,} are restored." if restored else ".")
    )
    if rows > limit:
        answer = click.prompt("That is many. Type their number to go on", default="", show_default=False)
        if answer.strip().replace(",", "") != str(rows):
            raise not_confirmed()
        return rows
    confirm()
    return limit


def _at_once(
    database: Database, run_ids: Sequence[str], *, force: bool, on_conflict: OnConflict, max_rows: int | None
) -> None:
    """Undo them in one transaction."""
    with all_or_none(database, run_ids, "undone", lambda run: run.status == "COMPENSATED"):
        if len(run_ids) == 1:
            database.unwind.compensate_run(run_ids[0], force, on_conflict, max_rows=max_rows)
        else:
            database.unwind.compensate_runs(run_ids, force, on_conflict, max_rows=max_rows)


def _again(run_id: str, batch_size: int, max_rows: int | None, *, yes: bool) -> str:
    """The command with which an undo in batches goes on."""
    size = [] if batch_size == BATCH_SIZE else ["--batch-size", str(batch_size)]
    most = [] if max_rows is None else ["--max-rows", str(max_rows)]
    return typed("undo", run_id, "--batches", *size, *most, *(["--yes"] if yes else []))


def _prove(database: Database, run_ids: Sequence[str], *, in_json: bool) -> None:
    """Show the receipts, and whether anything is left."""
    undone = [_undone(database, run_id) for run_id in run_ids]
    if in_json:
        as_json(undone)
    else:
        for one in undone:
            _show(one, whole=len(undone) == 1)
        if all(one.restorable for one in undone):
            together = dict.fromkeys(run_id for one in undone for run_id in one.restorable)
            next_to_type("To take it back", "restore", *together)
    if any(one.left for one in undone):
        raise SystemExit(Exit.PARTLY)


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of a run."""

    run: RunRow
    receipts: tuple[_views.Kept, ...]
    left: tuple[Leftover, ...]
    restorable: tuple[str, ...]
    """The runs that come back with it, if its undo is taken back; none: it cannot be."""


def _undone(database: Database, run_id: str) -> Undone:
    unwind = database.unwind
    receipts = tuple(receipt for receipt in database.ask(_views.receipts(run_id)) if receipt.holds)
    return Undone(
        unwind.get_run(run_id), receipts, unwind.verify_run(run_id), comes_back_with(database, run_id)
    )


def comes_back_with(database: Database, run_id: str) -> tuple[str, ...]:
    """The runs whose undo is one with this one's, itself among them, if that can be taken back."""
    undone = database.ask(_views.undone([run_id]))
    return next((one.together for one in undone if one.blocked_by is None), ())


def _show(one: Undone, *, whole: bool) -> None:
    rows = told(one.receipts, " deleted")
    say(f"{visible(one.run.id)} is undone: {rows}, {'some' if one.left else 'nothing'} left.")
    if one.receipts and whole:
        receipts_table(one.receipts)
    for left in one.left:
        say(f"  left: {count(left.rows_left, 'row')} of {visible(left.table_name)}", "bold red")
