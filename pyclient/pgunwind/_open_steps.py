"""The steps that the current thread or task is in."""

from __future__ import annotations

from contextvars import ContextVar

from ._connections import AnyConnection
from .errors import TransactionMismatch

OpenSteps = tuple[tuple[str, AnyConnection], ...]
"""Run ids and connections, outermost first."""

open_steps: ContextVar[OpenSteps] = ContextVar("pgunwind_open_steps", default=())


def step_connection(run_id: str) -> AnyConnection:
    """The connection of the innermost step of this run that the current thread or task is in."""
    for open_run, connection in reversed(open_steps.get()):
        if open_run == run_id:
            return connection
    raise TransactionMismatch(
        f"no step of run {run_id!r} is open here",
        "record belongs to the transaction of a step; intend has one of its own.",
        "Call it within run.step(…), name the connection, or use run.intend(…).",
    )
