"""A step of a run: a transaction that its record begins."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import TransactionStatus

from . import _commands
from ._async_capture_connection import belongs
from ._async_messages import OneByOne, can_send_messages, commit_message, open_message, take_back
from ._commands import Key, key_texts
from ._connections import require_idle
from ._open_steps import OpenSteps, open_steps
from .errors import raise_own

if TYPE_CHECKING:
    from .async_client import AsyncRun

Connection = psycopg.AsyncConnection[Any]


class Step:
    """A step on this connection. Written by hand, and with few calls: every step passes through it."""

    __slots__ = ("_apart", "_connection", "_entity_key", "_last", "_outer", "_run", "_step", "_transactions")

    _apart: OneByOne | None
    """The transaction, where it is not opened and ended by a message each."""
    _outer: OpenSteps
    _transactions: int
    """How many the step's is in, by psycopg's count."""

    def __init__(
        self, run: AsyncRun, connection: Connection, step: str, entity_key: Sequence[Key], last: bool
    ) -> None:
        self._run = run
        self._connection = connection
        self._step = step
        self._entity_key = entity_key
        self._last = last

    async def __aenter__(self) -> Connection:
        run, connection, step = self._run, self._connection, self._step
        state, claim = run._state, run._claim
        if state.failure is not None:
            raise state.has_failed()
        run._stepped = True
        if connection.pgconn.transaction_status != TransactionStatus.IDLE:
            require_idle(connection)
        if claim.lost or claim.late:
            await run._renew_if_late(connection)
        key = key_texts(self._entity_key)
        opening = _commands.open_step(state.run_id, step, key, claim.worker, state.capture.is_on)
        self._apart, self._outer = None, open_steps.get()
        try:
            if can_send_messages(connection):
                self._transactions = await open_message(connection, run._start, opening)
            else:
                self._apart = OneByOne(connection)
                await self._apart.begin(run._start, opening)
        except psycopg.Error as error:
            raise_own(error)
            raise
        try:
            state.step_opened(step, key, connection)
            belongs(connection, state.capture)
            open_steps.set((*self._outer, (state.run_id, connection)))
        except BaseException as error:
            await self.__aexit__(type(error), error, error.__traceback__)
            raise
        return connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        committed = False
        try:
            open_steps.set(self._outer)
            if error is None:
                await self._commit()
                committed = True
            else:
                await self._take_back(error)
        except BaseException as stop:
            open_steps.set(self._outer)
            await self._take_back(stop)
            raise_own(stop)
            raise
        finally:
            self._run._state.step_closed(self._step, self._connection, committed)
            if self._last and self._run._claim.ending:
                self._run._completed_by_step(committed)
        raise_own(error)
        return isinstance(error, psycopg.Rollback) and error.transaction is None

    async def _commit(self) -> None:
        run, closing = self._run, None
        run._claim.assert_held()
        if self._last and run._state.failure is None:
            run._claim.ending = True
            closing = _commands.complete_with_step(run._state.run_id, run._lock_timeout)
        if self._apart is None:
            await commit_message(self._connection, self._transactions, closing)
        else:
            await self._apart.commit(closing)

    async def _take_back(self, error: BaseException) -> None:
        """Leave its transaction open no longer, for this error."""
        if self._apart is None:
            await take_back(self._connection, self._transactions)
        else:
            await self._apart.take_back(error)


class TakenStep:
    """A step on a connection that is taken for it, and given back."""

    _own: Step

    def __init__(
        self,
        run: AsyncRun,
        connections: AbstractAsyncContextManager[Connection],
        step: str,
        entity_key: Sequence[Key],
        last: bool,
    ) -> None:
        self._connections = connections
        self._run = run
        self._step = step, entity_key, last

    async def __aenter__(self) -> Connection:
        connection = await self._connections.__aenter__()
        try:
            self._own = Step(self._run, connection, *self._step)
            return await self._own.__aenter__()
        except BaseException as error:
            await self._connections.__aexit__(type(error), error, error.__traceback__)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        try:
            kept = await self._own.__aexit__(kind, error, trace)
        except BaseException as raised:
            await self._connections.__aexit__(type(raised), raised, raised.__traceback__)
            raise
        if kept:
            kind = error = trace = None
        await self._connections.__aexit__(kind, error, trace)
        return kept
