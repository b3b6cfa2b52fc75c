"""A call that tells how far it is while it works, as an iterator of what it tells."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

import psycopg

from ._async_io import call_alone
from ._commands import Command
from ._concurrency import AsyncQueue, AsyncWorker
from .results import Progress

Told = Progress | BaseException | None
"""A notice, the error that ended the call, or its end."""


async def iterate(
    connection: psycopg.AsyncConnection[Any], command: Command[None]
) -> AsyncGenerator[Progress]:
    """Call it in a task and yield what it tells; closed early, cancel it."""
    told: AsyncQueue[Told] = AsyncQueue()

    def hear(notice: psycopg.errors.Diagnostic) -> None:
        if (progress := progress_of(notice)) is not None:
            told.put_nowait(progress)

    async def work() -> None:
        try:
            await call_alone(connection, command)
        except Exception as error:
            told.put_nowait(error)
        except BaseException as interruption:
            told.put_nowait(interruption)
            raise
        else:
            told.put_nowait(None)

    connection.add_notice_handler(hear)
    worker = AsyncWorker(work, name="pgunwind batches")
    try:
        while (item := await told.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        if worker.busy:
            connection.cancel()
        connection.remove_notice_handler(hear)
        await worker.join()


def progress_of(notice: psycopg.errors.Diagnostic) -> Progress | None:
    """What a NOTICE of unwind.compensate_run_in_batches says; None for a notice of somebody else's."""
    try:
        told = json.loads(notice.message_detail or "")
        return Progress(told["step"], told["table_name"], told["rows_done"], told["rows_expected"])
    except (ValueError, KeyError, TypeError):
        return None
