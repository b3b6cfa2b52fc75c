"""The run that a thread or task is in, and the transactions that are that run's. Nothing here does I/O."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from ._claims import Claim

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Capture:
    """Whether a run captures what transactions do that begin in its block, and those that have entered it."""

    claim: Claim
    is_on: bool
    has_entered: bool = False
    """A transaction has entered the run, so something may have been captured."""
    _holders: WeakKeyDictionary[Any, Callable[[Any], bool]] | None = None
    """Connections of any kind whose transactions have, each with the question whether it is in one."""
    _outer: Capture | None = None

    def entered(self, holder: Any, in_transaction: Callable[[Any], bool]) -> None:
        """Take note that a transaction has entered the run."""
        self.has_entered = True
        if self._holders is None:
            self._holders = WeakKeyDictionary()
        self._holders[holder] = in_transaction

    def still_open(self) -> list[Any]:
        """Return what has entered the run and not ended its transaction, or is in another."""
        holders = list(self._holders.items()) if self._holders else []
        return [holder for holder, in_transaction in holders if in_transaction(holder)]

    def __enter__(self) -> None:
        """Begin the run's block, within which the run is the one that the current thread or task is in."""
        self._outer = innermost.get()
        innermost.set(self)

    def __exit__(self, *_: object) -> None:
        innermost.set(self._outer)

    def bind(self, function: Callable[P, T]) -> Callable[P, T]:
        """Return the function as it would be called in the block: also in other threads, and at once."""
        context = copy_context()
        context.run(innermost.set, self)

        def bound(*values: P.args, **named: P.kwargs) -> T:
            return context.copy().run(function, *values, **named)

        return bound


innermost: ContextVar[Capture | None] = ContextVar("pgunwind_capture", default=None)


def capturing() -> Capture | None:
    """Return the run that a transaction which begins now is to enter; None: none."""
    capture = innermost.get()
    return capture if capture is not None and capture.is_on else None
