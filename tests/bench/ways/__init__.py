"""The ways to execute a run of small steps, each as fast as its users would write it.

A way's module has a NAME and `opened(dsn, steps)`, a context manager that yields a function: given the
numbers of runs it executes them one after the other, each step a transaction of its own with one insert.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

from ..loading import load_modules

BARE = "bare application: a transaction a step"
BY_HAND = "by hand: ledger and owners with foreign keys, fence, existence check"
OURS = "pgunwind's client"
OURS_LAST = "pgunwind's client, last=True"
ASYNC = ", async"

Forward = Callable[[Iterable[int]], object]


class Way(NamedTuple):
    """A way to execute runs."""

    name: str
    module: str
    opened: Callable[[str, int], AbstractContextManager[Forward]]


_MODULES = (
    "bare",
    "by_hand",
    "client",
    "client_last",
    "bare_async",
    "by_hand_async",
    "client_async",
    "client_async_last",
    "dbos_steps",
    "absurd_steps",
)


def load(*modules: str) -> tuple[list[Way], dict[str, str]]:
    """Return the ways (all of them, or those named) that can run here, and why the others cannot."""
    found, missing = load_modules(__name__, modules or _MODULES)
    return [Way(code.NAME, module, code.opened) for module, code in found.items()], missing


@contextmanager
def one_at_a_time(module: str, steps: int, dsn: str) -> Iterator[Callable[[int], object]]:
    """Yield a way's function for one run; for processes that know modules by name only."""
    (way,), _ = load(module)
    with way.opened(dsn, steps) as forward:
        yield lambda number: forward([number])
