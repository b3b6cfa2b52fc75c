"""pgunwind undo: looks, asks, undoes, and proves it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click
import psycopg

from pgunwind.results import Leftover, RunRow, RunStatus

from . import _batched, _incident, _views
from ._database import Database, opened
from ._failures import Exit, Failure
from ._incident import MAX_ROWS
from ._options import common, force_option, json_option, yes_option
from ._receipts import receipts_table, told
from ._screen import as_json, count, say, typed, visible
from ._times import since_option, until_option
from .preview import Preview, previewed
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
    force: bool,
    yes: bool,
    in_json: bool,
) -> None:
    """Undo runs: show what would go, ask, delete it, prove it.

    RUN... go in one transaction, all or none.

    With --workflow it is an incident: every run in the window goes by itself, and those that are refused are
    skipped and listed (exit status 4). Without --yes that only shows what would be done.
    """
    if workflow is not None:
        if run_ids or batches:
            raise click.UsageError("--workflow stands alone, without RUN and --batches")
        window = _incident.Window(workflow, status or "FAILED", since, until)
        _incident.undo(window, force=force, max_rows=max_rows, yes=yes, in_json=in_json)
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
    with opened() as database:
        previews = [previewed(database, run_id) for run_id in run_ids]
        if not in_json:
            for number, one in enumerate(previews):
                show_preview(one, first=number == 0)
        _refuse_blocked(database, previews)
        allowed = _asked(database, previews, yes=yes, max_rows=max_rows, in_batches=batches)
        if batches:
            again = _again(run_ids[0], batch_size, max_rows, yes=yes)
            _batched.undo(database, previews[0], batch_size=batch_size, force=force, again=again)
        else:
            _at_once(database, run_ids, force=force, max_rows=allowed)
        _prove(database, run_ids, in_json=in_json)


def _refuse_blocked(database: Database, previews: Sequence[Preview]) -> None:
    """One run that is blocked need not be tried; several may be in each other's way alone, and are."""
    if len(previews) == 1 and previews[0].blockers:
        raise Failure(
            "rows of others are in the way; nothing is changed",
            _together(database, previews[0].run),
            detail="\n".join(previews[0].blockers),
        )


def _together(database: Database, run: RunRow) -> str:
    """The command that undoes the run with those that have to go with it, if they are all there is to it."""
    others = database.unwind.find_dependent_runs(run.id)
    if not others:
        return "docs/errors.md, UW007, has the ways out."
    forced = ["--force"] if {"COMPLETED"} & {run.status, *(other.status for other in others)} else []
    command = typed("undo", run.id, *(other.run_id for other in others), *forced)
    return f"To undo their runs too: {command}; for other ways out see docs/errors.md, UW007."


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
    if not sys.stdin.isatty():
        raise Failure("nobody is there to ask; nothing is changed", "If it is meant, add --yes.", Exit.USAGE)
    say(f"In database {database.name}, {count(rows, 'row')} of {count(len(previews), 'run')} go for good.")
    if rows > limit:
        answer = click.prompt("That is many. Type their number to go on", default="", show_default=False)
        if answer.strip().replace(",", "") != str(rows):
            raise Failure("not confirmed: nothing is changed")
        return rows
    if not click.confirm("Go on?"):
        raise Failure("not confirmed: nothing is changed")
    return limit


def _at_once(database: Database, run_ids: Sequence[str], *, force: bool, max_rows: int | None) -> None:
    """Undo them in one transaction."""
    try:
        if len(run_ids) == 1:
            database.unwind.compensate_run(run_ids[0], force, max_rows=max_rows)
        else:
            database.unwind.compensate_runs(run_ids, force, max_rows=max_rows)
    except KeyboardInterrupt:
        raise _interrupted(run_ids) from None
    except psycopg.OperationalError as error:
        if database.connection.closed:
            raise _lost(run_ids) from error
        raise


def _interrupted(run_ids: Sequence[str]) -> Failure:
    """What is told after Ctrl-C, which may have come when all was done."""
    with opened() as looking:
        is_done = all(looking.unwind.get_run(run_id).status == "COMPENSATED" for run_id in run_ids)
    became = "it is undone all the same" if is_done else "nothing is changed"
    return Failure(f"interrupted: {became}", code=Exit.INTERRUPTED)


def _again(run_id: str, batch_size: int, max_rows: int | None, *, yes: bool) -> str:
    """The command with which an undo in batches goes on."""
    size = [] if batch_size == BATCH_SIZE else ["--batch-size", str(batch_size)]
    most = [] if max_rows is None else ["--max-rows", str(max_rows)]
    return typed("undo", run_id, "--batches", *size, *most, *(["--yes"] if yes else []))


def _lost(run_ids: Sequence[str]) -> Failure:
    """What is told where the server went away before it had answered."""
    return Failure(
        "the server went away before it had answered: it is undone as a whole, or not at all",
        f"Look once it is back: {typed('show', run_ids[0])}; undoing it again does no harm.",
        Exit.NO_DATABASE,
    )


def _prove(database: Database, run_ids: Sequence[str], *, in_json: bool) -> None:
    """Show the receipts, and whether anything is left."""
    undone = [_undone(database, run_id) for run_id in run_ids]
    if in_json:
        as_json(undone)
    else:
        for one in undone:
            _show(one, whole=len(undone) == 1)
    if any(one.left for one in undone):
        raise SystemExit(Exit.PARTLY)


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of a run."""

    run: RunRow
    receipts: tuple[_views.Kept, ...]
    left: tuple[Leftover, ...]


def _undone(database: Database, run_id: str) -> Undone:
    unwind = database.unwind
    return Undone(unwind.get_run(run_id), database.ask(_views.receipts(run_id)), unwind.verify_run(run_id))


def _show(one: Undone, *, whole: bool) -> None:
    rows = told(one.receipts, " deleted")
    say(f"{visible(one.run.id)} is undone: {rows}, {'some' if one.left else 'nothing'} left.")
    if one.receipts and whole:
        receipts_table(one.receipts)
    for left in one.left:
        say(f"  left: {count(left.rows_left, 'row')} of {visible(left.table_name)}", "bold red")
