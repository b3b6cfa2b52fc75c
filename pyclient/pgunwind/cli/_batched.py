"""An undo in batches, with a bar; stopped at any point, it can go on."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import cast

import psycopg

from pgunwind.results import Progress

from . import _views
from ._bar import Bar
from ._database import Database, opened
from ._failures import Exit, Failure
from ._screen import count
from .preview import Preview


def undo(database: Database, one: Preview, *, batch_size: int, force: bool, again: str) -> None:
    """Undo one run batch by batch; Ctrl-C stops it between two, and lets go of the run."""
    run_id = one.run.id
    pid = database.connection.info.backend_pid
    told = cast("Generator[Progress]", database.unwind.compensate_run_in_batches(run_id, batch_size, force))
    done, _ = database.ask(_views.progress(run_id))
    with opened() as watching, Bar("Undoing", done + one.rows, "rows", done) as bar:
        try:
            with contextlib.closing(told):
                for _ in told:
                    bar.to(*watching.ask(_views.progress(run_id)))
            bar.to(bar.total)
        except KeyboardInterrupt:
            _let_go(watching, run_id, pid)
            raise _stopped(watching, run_id, again) from None
        except psycopg.OperationalError as error:
            if not (database.connection.closed or watching.connection.closed):
                raise
            raise Failure(
                f"the server went away after {count(bar.done, 'row')}; what is deleted stays deleted",
                f"Once it is back, go on: {again} --force",
                Exit.NO_DATABASE,
            ) from error


def _let_go(watching: Database, run_id: str, pid: int) -> None:
    """Give up the claim, which would keep others out for minutes."""
    worker = f"batches of backend {pid}"
    if watching.unwind.get_run(run_id).claimed_by == worker:
        watching.unwind.release_claim(run_id, worker)


def _stopped(watching: Database, run_id: str, again: str) -> Failure:
    status = watching.unwind.get_run(run_id).status
    if status != "COMPENSATING":
        return Failure(f"interrupted: the run is {status}", code=Exit.INTERRUPTED)
    done, total = watching.ask(_views.progress(run_id))
    return Failure(
        f"interrupted: {done:,} of {count(total, 'row')} are gone, the run is COMPENSATING",
        f"To go on: {again}",
        Exit.INTERRUPTED,
    )
