"""Runs that change in one transaction, all or none: what is told where that is broken off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import psycopg

from pgunwind.results import RunRow

from ._database import Database, opened
from ._failures import Exit, Failure
from ._screen import typed


@contextmanager
def all_or_none(
    database: Database, run_ids: Sequence[str], done: str, is_done: Callable[[RunRow], bool]
) -> Iterator[None]:
    """Around that transaction; done is the word for runs of which is_done is true afterwards."""
    try:
        yield
    except KeyboardInterrupt:
        raise _interrupted(run_ids, done, is_done) from None
    except psycopg.OperationalError as error:
        if database.connection.closed:
            raise _lost(run_ids, done) from error
        raise


def _interrupted(run_ids: Sequence[str], done: str, is_done: Callable[[RunRow], bool]) -> Failure:
    """What is told after Ctrl-C, which may have come when all was done."""
    with opened() as looking:
        all_done = all(is_done(looking.unwind.get_run(run_id)) for run_id in run_ids)
    became = f"it is {done} all the same" if all_done else "nothing is changed"
    return Failure(f"interrupted: {became}", code=Exit.INTERRUPTED)


def _lost(run_ids: Sequence[str], done: str) -> Failure:
    """What is told where the server went away before it had answered."""
    return Failure(
        f"the server went away before it had answered: it is {done} as a whole, or not at all",
        f"Look once it is back: {typed('show', run_ids[0])}; the same command again does no harm.",
        Exit.NO_DATABASE,
    )
