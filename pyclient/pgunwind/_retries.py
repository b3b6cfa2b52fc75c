"""How often and how patiently a run is ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import psycopg

DEFAULT_ATTEMPTS: Final = 3
DEFAULT_LOCK_TIMEOUT: Final = timedelta(seconds=30)
IMPATIENT: Final = 0.25
"""Seconds to wait for a lock where waiting cannot help: enough for what holds it for a moment only."""

Backoff = Callable[[int], float]
"""Seconds to wait after so many failed tries."""


def default_backoff(failed: int) -> float:
    """Seconds to wait after so many failed tries: 0.2 after the first, then four times as long after each."""
    return 0.2 * 4.0 ** (failed - 1)


def is_transient(error: BaseException) -> bool:
    """Whether trying again on a fresh connection can help: the connection is gone, a deadlock, a timeout."""
    return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))


def is_silent(error: BaseException) -> bool:
    """Whether no server answered: then there is none to tell anything to."""
    return is_transient(error) and isinstance(error, psycopg.Error) and error.sqlstate is None
