"""Sessions at work at once, and how their calls ended: whatever comes of it, nothing ends in certain ways."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import psycopg

SECONDS = 60 if os.environ.get("PGUNWIND_DEEP") == "1" else 4
NEVER = {"42702", "42703", "42883", "42P01", "XX000", "ZZ001"}
"""What nothing may end with."""


class Session:
    """One of those at work, and how its calls ended. What it can do are its methods."""

    def __init__(self, conn: psycopg.Connection[Any], seed: int, number: int) -> None:
        self.conn = conn
        self.dice = random.Random(seed * 10 + number)
        self.number = number
        self.ended = Counter[str]()

    def engine(self, call: str, *values: Any) -> list[Any]:
        """Call the engine; a deadlock is its own."""
        try:
            return self.conn.execute(call.encode(), values).fetchall()
        except psycopg.errors.DeadlockDetected:
            self.ended["engine 40P01"] += 1
            raise

    def work(self, kind: str, ends: float) -> Counter[str]:
        """Do this until time is up, whatever comes of it."""
        while time.monotonic() < ends:
            try:
                getattr(self, kind)()
                self.ended[f"{kind} done"] += 1
            except psycopg.Error as error:
                self.ended[f"{kind} {error.sqlstate}"] += 1
        return self.ended


def work_at_once(
    session: Callable[[Any, int, int], Session], connect: Any, in_background: Any, *kinds: str
) -> Counter[str]:
    """Have a session for each kind of work; each does some of it, and no call of the engine deadlocks."""
    ends = time.monotonic() + SECONDS
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    tasks = [
        in_background(session(connect(), seed, number).work, kind, ends) for number, kind in enumerate(kinds)
    ]
    ended = sum((task.result(timeout=SECONDS + 60) for task in tasks), Counter[str]())
    print(ended)
    assert not {outcome for outcome in ended if outcome.split()[1] in NEVER}, ended
    assert not ended["engine 40P01"], ended
    assert all(ended[f"{kind} done"] for kind in kinds), ended
    return ended
