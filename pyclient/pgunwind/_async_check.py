"""Whether what a run has recorded is enough to undo it: for tests of an application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _commands
from ._async_io import call_alone
from ._checks import Check, uncovered_text
from .results import Change

if TYPE_CHECKING:
    from .async_client import AsyncRun, AsyncUnwind


async def async_assert_compensates(run: AsyncRun) -> None:
    """Raise AssertionError if the run's recorded keys alone would not undo all that it has changed.

    What it has changed is known of captured tables, and of what a run(…, capture=True) has committed. Call it
    before the run is undone: at the end of its block, or after that, if the run has completed.
    """
    if changes := await find_uncovered(run):
        raise AssertionError(uncovered_text(run.id, run.workflow, changes))


async def look(check: Check, unwind: AsyncUnwind, run: AsyncRun) -> None:
    """Note what the run's recorded keys would leave, before the run ends, which may undo it."""
    try:
        check.note(unwind, run, uncovered_text(run.id, run.workflow, await find_uncovered(run)))
    except Exception as error:  # the run has to end all the same
        check.note(unwind, run, error)


async def undo_completed(unwind: AsyncUnwind, run: AsyncRun) -> None:
    """Undo the run, if it has completed, by all that is known of it."""
    if run.completed:
        await unwind.compensate_run(run.id, force=True)


async def find_uncovered(run: AsyncRun) -> tuple[Change, ...]:
    """Ask on a connection of one's own: the run's may be closed."""
    async with await run._source.connect() as own:
        return await call_alone(own, _commands.find_uncovered(run.id))
