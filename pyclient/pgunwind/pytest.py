"""A pytest plugin, loaded by itself: the fixture unwind_check.

    def test_a_checkout_can_be_undone(unwind_check):
        with unwind_check():
            checkout("order-9", card="good")

The tables have to be under capture: unwind.capture_table(…), once in the test database.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

import pytest

from ._async_check import undo_completed as async_undo_completed
from ._check import undo_completed
from ._checks import Check, checking
from .client import Unwind

__all__ = ["UnwindCheck", "unwind_check"]


class UnwindCheck:
    """Within it all runs capture; at its end they are judged, and those that have completed are undone.

    With `with`, for the synchronous client; with `async with`, for both.

    Raises: AssertionError, naming the rows that the recorded keys of a run would not have undone.
    """

    def __enter__(self) -> None:
        self._check = Check()
        self._outer = checking.get()
        checking.set(self._check)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        checking.set(self._outer)
        for unwind, run in reversed(self._check.runs.values()):
            if not isinstance(unwind, Unwind):
                raise TypeError("AsyncUnwind needs: async with unwind_check(): …")
            undo_completed(unwind, run)
        if error is None:
            self._check.judge()

    async def __aenter__(self) -> None:
        self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        checking.set(self._outer)
        for unwind, run in reversed(self._check.runs.values()):
            if isinstance(unwind, Unwind):
                undo_completed(unwind, run)
            else:
                await async_undo_completed(unwind, run)
        if error is None:
            self._check.judge()


@pytest.fixture
def unwind_check() -> Callable[[], UnwindCheck]:
    """Return UnwindCheck; the runs of a test that are made within one of these are checked."""
    return UnwindCheck
