"""The runs of a workflow in a window of time, each undone by itself; what is refused is listed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psycopg

from pgunwind._visible import visible
from pgunwind.errors import ChangedSince, DependentsExist, TooManyRows, UnwindError, describe
from pgunwind.results import OnConflict, Receipt, RunRow, RunStatus, RunTotal

from . import _views
from ._bar import Bar
from ._database import Database, opened
from ._failures import Exit, Failure
from ._screen import as_json, count, heading, next_to_type, one_line, say, short, table
from .preview import previewed

MAX_ROWS = 10_000
"""What goes without being said again."""
MOST = 100_000
"""Runs of one incident."""
LOOKED_AT = 500
"""Runs at which a dry run looks, the newest: a look takes longer than an undo."""
RESTORED = "restored: undone again only where it is named"
"""Why a run whose undo was taken back is skipped."""
SHOWN = 20
"""Runs of a list that are shown; the JSON has all."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which runs are meant."""

    workflow: str
    status: RunStatus | None
    since: Any
    until: Any

    def runs(self, database: Database) -> tuple[RunRow, ...]:
        """The runs, the newest first, for later ones may refer to rows of earlier ones."""
        found = database.unwind.find_runs(self.workflow, None, self.status, self.since, self.until, MOST + 1)
        if not found:
            database.unwind.describe_workflow(self.workflow)  # a name that is mistyped is no all-clear
        if len(found) > MOST:
            raise Failure(f"that is more than {count(MOST, 'run')}", "Narrow the window: --since, --until.")
        return found


@dataclass(frozen=True, slots=True)
class How:
    """What may be undone, and how much of it."""

    force: bool
    on_conflict: OnConflict
    max_rows: int


@dataclass(slots=True)
class Outcome:
    """What became of the runs, or would."""

    undone: dict[str, int] = field(default_factory=dict)
    """Rows, by run."""
    skipped: dict[str, BaseException | str] = field(default_factory=dict)
    """Why not, by run."""

    @property
    def rows(self) -> int:
        """Rows of all that were undone."""
        return sum(self.undone.values())


def undo(window: Window, how: How, *, yes: bool, in_json: bool) -> None:
    """Show what would be undone; with yes, undo it."""
    with opened() as database:
        runs = window.runs(database)
        meant = tuple(run for run in runs if run.held_at is None)
        outcome = _undone(database, meant, how) if yes else _previewed(database, meant[:LOOKED_AT], how)
        outcome.skipped.update({run.id: RESTORED for run in runs if run.held_at is not None})
        back = _one_to_take_back(database, outcome) if yes else ()
    if in_json:
        as_json(
            {
                "dry_run": not yes,
                "found": len(runs),
                "undone": [{"run_id": run_id, "rows": rows} for run_id, rows in outcome.undone.items()],
                "skipped": [
                    {"run_id": run_id, "error": _why(why)} for run_id, why in outcome.skipped.items()
                ],
            }
        )
    else:
        _show(window, len(runs), outcome, done=yes)
        if back:
            next_to_type("To take one back", "restore", *back)
    if outcome.skipped and yes:
        raise SystemExit(Exit.PARTLY)


def _one_to_take_back(database: Database, outcome: Outcome) -> tuple[str, ...]:
    """The first of the runs whose undo can be taken back, with those that come back with it."""
    undone = database.ask(_views.undone(list(outcome.undone)))
    return next((one.together for one in undone if one.blocked_by is None), ())


def _previewed(database: Database, runs: tuple[RunRow, ...], how: How) -> Outcome:
    """What undoing each of them would come to; it only reads."""
    outcome = Outcome()
    with Bar("Looking", len(runs), "runs") as bar:
        for number, run in enumerate(runs, start=1):
            one = previewed(database, run, how.on_conflict)
            if one.blockers:
                outcome.skipped[run.id] = f"blocked by {one.blockers[0]}"
            elif one.in_the_way:
                outcome.skipped[run.id] = f"in conflict by {one.conflicts[0]}"
            elif run.status == "COMPLETED" and not how.force:
                outcome.skipped[run.id] = "COMPLETED: wants --force"
            else:
                outcome.undone[run.id] = one.rows
            bar.to(number)
    return outcome


def _undone(database: Database, runs: tuple[RunRow, ...], how: How) -> Outcome:
    """Undo each by itself; those that were refused for others again together, for they may be these."""
    outcome = Outcome()
    try:
        with Bar("Undoing", len(runs), "runs") as bar:
            for number, run in enumerate(runs, start=1):
                _one(database, run.id, how, outcome)
                bar.to(number)
        for refusal in (DependentsExist, ChangedSince):
            _together(database, how, outcome, refusal)
    except (KeyboardInterrupt, psycopg.Error, TooManyRows) as error:
        raise _broken_off(error, database, outcome, len(runs), how.max_rows) from error
    return outcome


def _one(database: Database, run_id: str, how: How, outcome: Outcome) -> None:
    left = how.max_rows - outcome.rows
    try:
        receipts = database.unwind.compensate_run(run_id, how.force, how.on_conflict, max_rows=left)
    except (UnwindError, psycopg.Error) as error:
        if isinstance(error, TooManyRows) or _ails_server(error):
            raise
        outcome.skipped[run_id] = error
    else:
        outcome.undone[run_id] = sum(_rows(receipt) for receipt in receipts)


def _rows(done: Receipt | RunTotal) -> int:
    """Rows that went, or were restored."""
    return done.rows_deleted + done.rows_reverted + done.rows_reinserted


def _ails_server(error: Exception) -> bool:
    """Whether no other run would fare better: the connection is gone, a disk is full, it may only read."""
    if not isinstance(error, psycopg.Error):
        return False
    return (
        error.sqlstate is None or error.sqlstate[:2] in ("08", "53", "57", "58") or error.sqlstate == "25006"
    )


def _together(database: Database, how: How, outcome: Outcome, refusal: type[UnwindError]) -> None:
    blocked = [run_id for run_id, why in outcome.skipped.items() if isinstance(why, refusal)]
    if len(blocked) < 2:
        return
    try:
        left = how.max_rows - outcome.rows
        totals = database.unwind.compensate_runs(blocked, how.force, how.on_conflict, max_rows=left)
    except (UnwindError, psycopg.Error) as error:
        if _ails_server(error):
            raise
        return  # each was told why already
    for total in totals:
        outcome.undone[total.run_id] = _rows(total)
        del outcome.skipped[total.run_id]


def _broken_off(
    error: BaseException, database: Database, outcome: Outcome, number: int, max_rows: int
) -> Failure:
    """Every run is a transaction of its own: what is undone stays undone."""
    done = f"{len(outcome.undone):,} of {count(number, 'run')} are undone, the others are as they were"
    if isinstance(error, TooManyRows):
        return Failure(
            f"more than {count(max_rows, 'row')} would go: {done}", "If it is meant: --max-rows.", Exit.PARTLY
        )
    if isinstance(error, KeyboardInterrupt):
        return Failure(f"interrupted: {done}", "The same command goes on.", Exit.INTERRUPTED)
    if database.connection.closed:
        return Failure(f"the server went away: {done}", "The same command goes on.", Exit.NO_DATABASE)
    code = Exit.PARTLY if outcome.undone else Exit.REFUSED
    state = getattr(error, "sqlstate", None)
    return Failure(f"{one_line(str(error))} [{state}]: {done}", "The same command goes on.", code)


# What is shown -----------------------------------------------------------------------------------


def _show(window: Window, found: int, outcome: Outcome, *, done: bool) -> None:
    if not found:
        say(f"No {window.status} runs of {visible(window.workflow)} in that window.")
        return
    if outcome.skipped:
        heading(f"{'Skipped' if done else 'Would be skipped'}: {count(len(outcome.skipped), 'run')}")
        table(
            ("run", "why"),
            [
                (run_id, short(one_line(_why(why)), 160))
                for run_id, why in list(outcome.skipped.items())[:SHOWN]
            ],
        )
        if len(outcome.skipped) > SHOWN:
            kinds = Counter(_kind(why) for why in outcome.skipped.values())
            say(", ".join(f"{number:,} x {kind}" for kind, number in kinds.items()))
    verb = "undone" if done else "would be undone"
    runs_done = f"{count(len(outcome.undone), 'run')} {verb}, {count(outcome.rows, 'row')}"
    say(f"{runs_done}; {len(outcome.skipped):,} skipped.")
    if not done and found > LOOKED_AT:
        say(f"Looked at the newest {LOOKED_AT:,} of {count(found, 'run')}.")
    if not done and outcome.undone:
        say("Nothing is changed. To undo them, add --yes.", "bold")
    if outcome.skipped:
        next_to_type("To see what is in the way", "preview", next(iter(outcome.skipped)))


def _why(why: BaseException | str) -> str:
    if isinstance(why, UnwindError):
        rows = one_line(why.detail) if isinstance(why, DependentsExist | ChangedSince) else ""
        detail = f". {rows}" if rows else ""
        return f"{why.message} [{why.sqlstate}]{detail}"
    return why if isinstance(why, str) else describe(why)


def _kind(why: BaseException | str) -> str:
    return why.partition(" by ")[0] if isinstance(why, str) else f"[{getattr(why, 'sqlstate', None)}]"
