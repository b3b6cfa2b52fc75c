"""pgunwind recover: undoes what nobody undid."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click
import psycopg

from pgunwind._visible import visible

from ._database import opened
from ._failures import Exit, Failure, failure_of
from ._options import common, json_option
from ._screen import as_json, say, tell, typed

EVERY = 30.0


@click.command()
@click.option("--workflow", "-w", metavar="NAME", help="Only runs of this workflow.")
@click.option(
    "--max-runs", type=click.IntRange(min=1), default=1000, show_default=True, help="At most so many a sweep."
)
@click.option(
    "--max-retries",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Tries before a run is left to a person.",
)
@click.option(
    "--watch",
    type=click.FloatRange(min=0, min_open=True),
    is_flag=False,
    flag_value=EVERY,
    metavar="[SECONDS]",
    help=f"Sweep again and again, every so many seconds ({EVERY:g}), until SIGTERM or Ctrl-C.",
)
@common
@json_option
def recover(
    workflow: str | None, max_runs: int, max_retries: int, watch: float | None, in_json: bool
) -> None:
    """Undo failed and abandoned runs.

    Exit status 4 if some could not be undone: pgunwind status lists those that a person has to decide about.
    """
    with _told_to_end(watch is not None) as ending:
        while True:
            failed = 0
            try:
                with opened() as database:
                    sweep = database.unwind.recover_runs(workflow, max_runs, max_retries)
            except KeyboardInterrupt:
                raise Failure(
                    "interrupted: runs that are undone stay undone, the others are as they were",
                    code=Exit.INTERRUPTED,
                ) from None
            except psycopg.OperationalError as error:
                if watch is None:
                    raise
                told = failure_of(error)  # the server may be back the next time
                tell(f"no sweep: {visible(told.message)}")
            else:
                failed = sweep.failed
                if in_json:
                    as_json(sweep)
                else:
                    say(f"recovered {sweep.recovered}, failed {sweep.failed}")
            if watch is None:
                if failed:
                    tell(f"What could not be undone: {typed('status')}")
                    raise SystemExit(Exit.PARTLY)
                return
            if ending.wait(watch):
                return


@contextmanager
def _told_to_end(watching: bool) -> Iterator[threading.Event]:
    """Set by the first SIGTERM or Ctrl-C: a sweep under way is finished; a second one cancels it."""
    ending = threading.Event()
    if not watching:
        yield ending
        return

    def end(number: int, frame: FrameType | None) -> None:
        if ending.is_set():
            raise KeyboardInterrupt
        ending.set()
        os.write(2, b"ending after this sweep; again cancels it\n")  # a handler may not use a buffer in use

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
