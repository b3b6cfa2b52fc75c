"""A call that tells how far it is while it works, as an iterator of what it tells."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg

from . import _async_io, _io
from ._commands import Command
from .results import Progress

Told = Progress | BaseException | None
"""A notice, the error that ended the call, or its end."""


def progress_of(notice: psycopg.errors.Diagnostic) -> Progress | None:
    """What a NOTICE of unwind.compensate_run_in_batches says; None for a notice of somebody else's."""
    try:
        told = json.loads(notice.message_detail or "")
        return Progress(told["step"], told["table_name"], told["rows_done"], told["rows_expected"])
    except (ValueError, KeyError, TypeError):
        return None


def iterate(connection: psycopg.Connection[Any], command: Command[None]) -> Iterator[Progress]:
    """Call it in a thread and yield what it tells; closed early, cancel it."""
    told: queue.SimpleQueue[Told] = queue.SimpleQueue()

    def hear(notice: psycopg.errors.Diagnostic) -> None:
        if (progress := progress_of(notice)) is not None:
            told.put(progress)

    def work() -> None:
        try:
            _io.call_alone(connection, command)
        except BaseException as error:
            told.put(error)
        else:
            told.put(None)

    connection.add_notice_handler(hear)
    worker = threading.Thread(target=work, name="pgunwind batches", daemon=True)
    worker.start()
    try:
        while (item := told.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        if worker.is_alive():
            connection.cancel()
            worker.join()
        connection.remove_notice_handler(hear)


async def iterate_async(
    connection: psycopg.AsyncConnection[Any], command: Command[None]
) -> AsyncIterator[Progress]:
    """Call it in a task and yield what it tells; closed early, cancel it."""
    told: asyncio.Queue[Told] = asyncio.Queue()

    def hear(notice: psycopg.errors.Diagnostic) -> None:
        if (progress := progress_of(notice)) is not None:
            told.put_nowait(progress)

    async def work() -> None:
        try:
            await _async_io.call_alone(connection, command)
        except Exception as error:
            told.put_nowait(error)
        else:
            told.put_nowait(None)

    connection.add_notice_handler(hear)
    worker = asyncio.create_task(work())
    try:
        while (item := await told.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        if not worker.done():
            connection.cancel()
        await worker
        connection.remove_notice_handler(hear)
