"""The ways to undo one run of the reference workflow, each as fast as its users would write it.

A contender's module has a NAME and `opened(dsn)`, a context manager that yields a function: given a run's
number it deletes that run's 22 rows, commits, and returns.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

from ..background import TABLES_OF_THE_APPLICATION, TABLES_WITH_REAL_KEYS
from ..loading import load_modules

FLOOR = "floor: PL/pgSQL by hand, no ledger, no receipts"
BY_HAND = "by hand with the rules: fence, ledger, dependents, receipt, status"
OURS = "pgunwind: compensate_run"
FIRST_USER = "first user's Python: 5 transactions, a statement per child row"


class Contender(NamedTuple):
    """A way to undo one run; `schema` is where it finds the tables."""

    name: str
    opened: Callable[[str], AbstractContextManager[Callable[[int], object]]]
    schema: str


_MODULES = {
    "floor": TABLES_OF_THE_APPLICATION,
    "by_hand": TABLES_OF_THE_APPLICATION,
    "compensate_run": TABLES_OF_THE_APPLICATION,
    "real_cascade": TABLES_WITH_REAL_KEYS,
    "first_user": TABLES_OF_THE_APPLICATION,
    "one_transaction": TABLES_OF_THE_APPLICATION,
    "pipeline": TABLES_OF_THE_APPLICATION,
    "sqlalchemy_orm": TABLES_OF_THE_APPLICATION,
    "django_orm": TABLES_OF_THE_APPLICATION,
    "dbos_saga": TABLES_OF_THE_APPLICATION,
    "absurd_saga": TABLES_OF_THE_APPLICATION,
}


def load(*modules: str) -> tuple[list[Contender], dict[str, str]]:
    """Return the contenders (all of them, or those named) that can run here, and why the others cannot."""
    found, missing = load_modules(__name__, modules or _MODULES)
    return [Contender(code.NAME, code.opened, _MODULES[module]) for module, code in found.items()], missing
