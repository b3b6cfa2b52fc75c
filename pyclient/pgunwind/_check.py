# Made from _async_check.py by make sync-client: change that file, not this one.

"""Whether what a run has recorded is enough to undo it: for tests of an application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _commands
from ._checks import Check, uncovered_text
from ._io import call_alone
from .results import Change

if TYPE_CHECKING:
    from .client import Run, Unwind


def assert_compensates(run: Run) -> None:
    """Raise AssertionError if the run's recorded keys alone would not undo all that it has changed.

    What it has changed is known of captured tables, and of what a run(…, capture=True) has committed. Call it
    before the run is undone: at the end of its block, or after that, if the run has completed.
    """
    if changes := find_uncovered(run):
        raise AssertionError(uncovered_text(run.id, run.workflow, changes))


def look(check: Check, unwind: Unwind, run: Run) -> None:
    """Note what the run's recorded keys would leave, before the run ends, which may undo it."""
    try:
        check.note(unwind, run, uncovered_text(run.id, run.workflow, find_uncovered(run)))
    except Exception as error:  # the run has to end all the same
        check.note(unwind, run, error)


def undo_completed(unwind: Unwind, run: Run) -> None:
    """Undo the run, if it has completed, by all that is known of it."""
    if run.completed:
        unwind.compensate_run(run.id, force=True)


def find_uncovered(run: Run) -> tuple[Change, ...]:
    """Ask on a connection of one's own: the run's may be closed."""
    with run._source.connect() as own:
        return call_alone(own, _commands.find_uncovered(run.id))
