"""pgunwind preview: what an undo would take, table by table, and what would refuse it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

import click

from pgunwind._visible import visible
from pgunwind.results import OnConflict, PreviewLine, RunRow

from . import _views
from ._database import Database, opened
from ._failures import Exit
from ._options import common, conflict_option, json_option
from ._screen import as_json, count, next_to_type, say, tree

DONE: Final[Mapping[str, str]] = {
    "delete": "deleted",
    "update": "changed back",
    "insert": "put back",
    "set null": "link cleared",
}
"""What becomes of rows, in words."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What undoing one run would do."""

    run: RunRow
    lines: tuple[PreviewLine, ...]
    on_conflict: OnConflict = "refuse"
    """What becomes of captured rows that somebody else has changed since."""
    rows_merged: int = 0
    """Of the captured rows that would be restored those of which it is some columns."""

    @property
    def rows(self) -> int:
        """Rows that would go or be restored, as far as they can be counted."""
        return sum(line.row_count or 0 for line in self.lines)

    @property
    def tables(self) -> int:
        """Tables of which they are."""
        return len({line.table_name for line in self.lines if line.row_count})

    @property
    def rows_deleted(self) -> int:
        """Of these those that would go."""
        return self.rows - self.rows_restored

    @property
    def rows_restored(self) -> int:
        """Captured rows that would be as the run had found them."""
        return sum(line.row_count or 0 for line in self.lines if line.action in ("update", "insert"))

    @property
    def blockers(self) -> tuple[str, ...]:
        """Rows in the way, each as the engine writes it."""
        return self._named(line for line in self.lines if line.action != "conflict")

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Captured rows that somebody else has changed since, likewise."""
        return self._named(line for line in self.lines if line.action == "conflict")

    @property
    def in_the_way(self) -> tuple[str, ...]:
        """What would refuse the undo."""
        return self.blockers + (() if self.on_conflict == "skip" else self.conflicts)

    def _named(self, lines: Iterable[PreviewLine]) -> tuple[str, ...]:
        told = (line.blocked_by.splitlines() for line in lines if line.blocked_by)
        return tuple(dict.fromkeys(row.strip() for rows in told for row in rows if row.strip()))


def previewed(database: Database, run: RunRow, on_conflict: OnConflict) -> Preview:
    """Look what undoing a run would do. Skipping is what preview_run says; of merging find_changes knows."""
    one = Preview(run, database.unwind.preview_run(run.id), on_conflict)
    return _merged(database, one) if on_conflict == "merge" and one.conflicts else one


def _merged(database: Database, one: Preview) -> Preview:
    """The same where rows in conflict are merged: a line for each table, and one of those that cannot be."""
    found = {table.table_name: table for table in database.ask(_views.merged(one.run.id))}
    lines: list[PreviewLine] = []
    for line in one.lines:
        table = found.get(line.table_name or "") if line.action == "conflict" else None
        if table is None:
            lines.append(line)
            continue
        if table.rows:
            lines.append(replace(line, row_count=table.rows, blocked_by=None, action="update"))
        if table.conflicts:
            rows = "\n".join(f"{table.table_name} {row}" for row in table.conflicts)
            lines.append(replace(line, blocked_by=rows))
    return replace(one, lines=tuple(lines), rows_merged=sum(table.rows for table in found.values()))


def undone_with(database: Database, one: Preview) -> tuple[str, ...]:
    """The words that undo a run with those that are in its way, if they are all that is."""
    others = database.unwind.find_dependent_runs(one.run.id)
    forced = ["--force"] if "COMPLETED" in (one.run.status, *(other.status for other in others)) else []
    return ("undo", one.run.id, *(other.run_id for other in others), *forced) if others else ()


@click.command()
@click.argument("run_ids", metavar="RUN...", nargs=-1, required=True)
@conflict_option
@common
@json_option
def preview(run_ids: Sequence[str], on_conflict: OnConflict, in_json: bool) -> None:
    """Show what undoing runs would do, and what is in the way.

    Only reads. Exit status 1 if rows of others are in the way, or were changed by others since, unless
    --on-conflict says what becomes of these.
    """
    with opened() as database:
        runs = [database.unwind.get_run(run_id) for run_id in dict.fromkeys(run_ids)]
        previews = [previewed(database, run, on_conflict) for run in runs]
        company = {one.run.id: undone_with(database, one) for one in previews if one.in_the_way}
    if in_json:
        as_json(
            [
                {
                    "run": one.run,
                    "rows": one.rows,
                    "on_conflict": one.on_conflict,
                    "blocked_by": one.blockers,
                    "conflicts": one.conflicts,
                    "lines": one.lines,
                }
                for one in previews
            ]
        )
    else:
        for number, one in enumerate(previews):
            show(one, first=number == 0)
            if company.get(one.run.id):
                next_to_type("  To undo their runs too", *company[one.run.id])
        if not any(one.in_the_way for one in previews) and any(one.rows for one in previews):
            said = [] if on_conflict == "refuse" else ["--on-conflict", on_conflict]
            next_to_type("To undo", "undo", *run_ids, *said)
    if any(one.in_the_way for one in previews):
        raise SystemExit(Exit.REFUSED)


def show(one: Preview, *, first: bool = True, going: Sequence[str] = ()) -> None:
    """A tree: the run, its steps, their tables; and rows in the way, unless their runs go, too."""
    if not first:
        click.echo()
    run = one.run
    about = f"  {visible(run.business_key)}" if run.business_key else ""
    say(f"{visible(run.id)}  {run.status}  {visible(run.workflow)}{about}", "bold")
    lines = [line for line in one.lines if line.row_count or line.table_name is None]
    steps = [
        (visible(step or "in captured tables"), [_line(line) for line in group])
        for step, group in groupby(lines, key=lambda line: line.step)
    ]
    tree(steps)
    say(f"  {_total(one)}" if lines else "  Nothing would go.")
    theirs = tuple(f" of run '{run_id}'" for run_id in going)
    blockers = [row for row in one.blockers if not row.endswith(theirs)]
    if blockers:
        say("  BLOCKED by rows of others, which refer to what would go:", "bold red")
        for row in blockers:
            say(f"    {visible(row)}", "red")
        say("  Undo their runs too, or keep what they refer to (unwind.release_entity).")
    if one.conflicts:
        show_conflicts(one.conflicts, one.on_conflict)
        if one.on_conflict != "skip":
            next_to_type("  To leave them as they are", "undo", run.id, "--on-conflict", "skip")
        if one.on_conflict == "refuse":
            next_to_type("  To undo the run's columns alone", "undo", run.id, "--on-conflict", "merge")


def show_conflicts(rows: Sequence[str], on_conflict: OnConflict) -> None:
    """Name captured rows that somebody else has changed since."""
    say(f"  CONFLICT ({on_conflict}): somebody else has changed since", "bold red")
    for row in rows:
        say(f"    {visible(row)}", "red")


def _total(one: Preview) -> str:
    tables = count(one.tables, "table")
    if not one.rows_restored:
        return f"{count(one.rows, 'row')} of {tables} would go"
    merged = f" ({one.rows_merged:,} merged)" if one.rows_merged else ""
    return (
        f"{count(one.rows_deleted, 'row')} would go, {one.rows_restored:,} be restored{merged}, in {tables}"
    )


def _line(line: PreviewLine) -> tuple[str, int | None]:
    if line.table_name is None:
        return "undone by its own function", line.row_count
    what = f", {DONE[line.action]}" if line.action in (DONE if line.step is None else ("set null",)) else ""
    return visible(line.table_name) + what, line.row_count
