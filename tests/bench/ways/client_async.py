"""The same application with pgunwind's asynchronous client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pgunwind import AsyncUnwind

from .. import small_steps
from . import ASYNC, OURS, Forward
from .asynchronous import in_a_loop

NAME = OURS + ASYNC


@contextmanager
def execute(dsn: str, steps: int, *, last: bool) -> Iterator[Forward]:
    """Yield the application; with `last` its last step completes the run."""

    async def forward(unwind: AsyncUnwind, number: int) -> None:
        async with unwind.run(small_steps.WORKFLOW) as run:
            for step in range(steps):
                key = small_steps.key(number, step)
                own = {"last": True} if last and step == steps - 1 else {}
                async with run.step(small_steps.name(step), key, **own) as step_conn:
                    await step_conn.execute(small_steps.INSERT[step], [key])

    with in_a_loop(dsn, AsyncUnwind, forward) as work:
        yield work


@contextmanager
def opened(dsn: str, steps: int) -> Iterator[Forward]:
    """Yield the application."""
    with execute(dsn, steps, last=False) as forward:
        yield forward
