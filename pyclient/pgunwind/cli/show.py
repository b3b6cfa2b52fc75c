"""pgunwind show: all that is known of one run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import click
import psycopg

from pgunwind._visible import visible
from pgunwind.errors import UnwindError
from pgunwind.results import Holder, Leftover, PreviewLine, RunRow

from . import _views
from ._database import Database, opened
from ._options import common, json_option
from ._receipts import receipts_table, told
from ._screen import (
    LIVE,
    as_json,
    count,
    events,
    exact,
    facts,
    heading,
    next_to_type,
    one_line,
    say,
    short,
    table,
)
from .preview import DONE, Preview
from .undo import comes_back_with

KEYS = 1000
"""Keys that are read; a run may have millions."""
KEYS_SHOWN = 3
"""Keys of a step that the timeline names."""
CHANGES = 1000
"""Changed rows that are read."""
ROW, VALUE = 40, 30
"""Letters of a row's key, and of a value, that are shown."""
CHANGES_SHOWN = 10
"""Changed rows that are listed; the JSON has more."""


@click.command()
@click.argument("run_id", metavar="RUN")
@common
@json_option
def show(run_id: str, in_json: bool) -> None:
    """Show one run: its story, and what is left of it."""
    with opened() as database:
        run = database.unwind.get_run(run_id)
        ledger = database.ask(_views.ledger(run_id, KEYS))
        receipts = database.ask(_views.receipts(run_id))
        holders = _holders(database, run)
        left, unknown = _left(database, run)
        changes = _changes(database, run)
        restorable = comes_back_with(database, run_id)
    if in_json:
        as_json(
            {
                "run": run,
                "ledger": ledger,
                "receipts": receipts,
                "holders": holders,
                "left": left,
                "unknown": unknown,
                "changes": changes,
                "restorable": restorable,
            }
        )
        return
    _show_run(run, holders)
    heading("What happened")
    events(sorted(_story(run, ledger, receipts), key=lambda event: event[0]))
    if receipts:
        heading("Receipts: what was done")
        receipts_table(receipts)
    if changes:
        _show_changes(changes)
    _show_left(run, left, unknown)
    if restorable:
        next_to_type("To take its undo back", "restore", *restorable)


def _holders(database: Database, run: RunRow) -> tuple[Holder, ...]:
    """Who holds a live run's row, where whoever asks may know."""
    if run.status not in LIVE:
        return ()
    try:
        return database.unwind.find_holders(run.id)
    except psycopg.errors.InsufficientPrivilege:
        return ()


def _left(
    database: Database, run: RunRow
) -> tuple[tuple[Leftover, ...] | tuple[PreviewLine, ...], str | None]:
    """What is left of the run; else why that cannot be said."""
    try:
        if run.status == "COMPENSATED":
            return database.unwind.verify_run(run.id), None
        return database.unwind.preview_run(run.id), None
    except (UnwindError, psycopg.errors.InsufficientPrivilege) as error:
        return (), str(error).partition("\n")[0]


def _changes(database: Database, run: RunRow) -> tuple[_views.Change, ...]:
    """What it changed in captured tables and is not undone; where it may not be read, _left says so."""
    try:
        return database.ask(_views.changes(run.id, CHANGES))
    except (UnwindError, psycopg.errors.InsufficientPrivilege):
        return ()


def _show_run(run: RunRow, holders: Iterable[Holder]) -> None:
    claim = run.claimed_by and f"{run.claimed_by}, until {exact(run.lease_expires_at)}"
    facts(
        [
            ("run", run.id),
            ("workflow", run.workflow),
            ("about", run.business_key),
            ("status", run.status if run.held_at is None else f"{run.status}, restored"),
            ("error", one_line(run.last_error)),
            ("tries to undo", run.retry_count or None),
            ("started by", run.started_by),
            ("claimed by", claim),
            *(("held by", _holder(holder)) for holder in holders),
            ("metadata", str(run.metadata) if run.metadata else None),
        ]
    )


def _holder(holder: Holder) -> str:
    who = f"prepared transaction {holder.gid}" if holder.gid else f"session {holder.pid}"
    return ", ".join(
        filter(None, (who, holder.login, holder.application, holder.state, f"since {exact(holder.since)}"))
    )


def _story(
    run: RunRow, ledger: Sequence[_views.Recorded], receipts: Sequence[_views.Kept]
) -> Iterator[tuple[datetime, str]]:
    yield run.created_at, "started"
    by_step: dict[str, list[_views.Recorded]] = {}
    for row in ledger:
        by_step.setdefault(row.step, []).append(row)
    for step, rows in by_step.items():
        yield rows[0].recorded_at, f"{visible(step)} recorded: {_keys([row.entity_key for row in rows])}"
        for row in rows:
            if row.released_at is not None:
                who = visible(row.released_by or "somebody")
                yield row.released_at, f"{visible(step)} released by {who}: {_keys([row.entity_key])}"
    for (at, who, kind), of_one in groupby(
        receipts, key=lambda row: (row.compensated_at, row.compensated_by, row.kind)
    ):
        what = "undone" if kind == "undo" else "undo taken back"
        yield at, f"{what} by {visible(who)}: {told(tuple(of_one))}"
    if run.status == "COMPENSATED" and not any(receipt.holds for receipt in receipts):
        yield run.updated_at, "undone: it had left no rows"
    last = max((row.recorded_at for row in ledger), default=run.created_at)
    if run.completed_at is not None and run.status == "COMPLETED":
        yield max(run.completed_at, last), "completed"
    if run.held_at is not None:
        yield run.held_at, "FAILED again: sweeps pass it by"
    elif run.status in ("FAILED", "COMPENSATING"):
        yield max(run.updated_at, last), f"{run.status}: {short(one_line(run.last_error))}".rstrip(": ")


def _keys(keys: Sequence[tuple[str, ...]]) -> str:
    named = ", ".join(visible("/".join(key)) for key in keys[:KEYS_SHOWN])
    more = len(keys) - KEYS_SHOWN
    return named if more <= 0 else f"{named} and {more:,}{'+' if len(keys) >= KEYS else ''} more"


def _show_changes(changes: Sequence[_views.Change]) -> None:
    heading("What it changed in captured tables")
    table(
        ("table", "row", "what"),
        [(one.table_name, short(one.row_key, ROW), _changed(one)) for one in changes[:CHANGES_SHOWN]],
    )
    more = changes[0].of_rows - CHANGES_SHOWN
    if more > 0:
        say(f"and {count(more, 'more row')}: --json lists more")


def _changed(one: _views.Change) -> str:
    """What was done to a row; of an update each column with its values."""
    before, after = one.before or {}, one.after or {}
    values = (
        f"{name} {_value(before[name])} -> {_value(after[name])}"
        for name in (before if one.what == "updated" else ())
        if name in after and before[name] != after[name]
    )
    since = ", changed since by somebody else" if one.in_conflict else ""
    return short(": ".join(filter(None, (one.what, ", ".join(values)))), 200) + since


def _value(value: object) -> str:
    return short(visible(json.dumps(value, ensure_ascii=False)), VALUE)


def _show_left(run: RunRow, left: Sequence[Any], unknown: str | None) -> None:
    if unknown is not None:
        heading("What is left of it cannot be counted")
        say(visible(unknown))
    elif run.status == "COMPENSATED" and not left:
        say("\nNothing is left of it.", "green")
    elif run.status == "COMPENSATED":
        heading("Left all the same")
        table(("table", "rows"), [(row.table_name, row.rows_left) for row in left])
    else:
        _show_undo(Preview(run, tuple(left)))


def _show_undo(one: Preview) -> None:
    lines = [line for line in one.lines if line.row_count or line.table_name is None]
    if any(line.action in ("update", "insert", "set null") for line in lines):
        heading("What undoing it would do")
        table(
            ("step", "table", "rows", "would be"),
            [(row.step, row.table_name, row.row_count, DONE.get(row.action, "")) for row in lines],
        )
    else:
        heading("What undoing it would delete")
        if lines:
            table(("step", "table", "rows"), [(row.step, row.table_name, row.row_count) for row in lines])
        else:
            say("nothing")
    if one.blockers:
        say("BLOCKED by rows of others, which refer to what would go.", "bold red")
    if one.conflicts:
        say("CONFLICT: somebody else has changed captured rows since.", "bold red")
    if one.in_the_way:
        next_to_type("Which", "preview", one.run.id)
