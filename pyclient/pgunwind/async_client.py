"""The asynchronous client: AsyncUnwind, and the AsyncRun that its run() yields.

A thin shell. What is called stands in _calls.py, what is decided in _base.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

import psycopg

from . import _async_io, _base, _commands
from ._async_functions import AsyncFunctions
from ._base import DEFAULT_ATTEMPTS, DEFAULT_LEASE, Backoff, Do, Ending, Pause, Plan, RunState
from ._commands import Command, Key
from .errors import translate
from .results import RunResult

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

T = TypeVar("T")


class AsyncUnwind(AsyncFunctions):
    """Runs workflows that can be undone, and calls every SQL function by its own name.

    Args:
        source: where connections come from.
            A psycopg_pool.AsyncConnectionPool: a connection for each transaction.
            A conninfo string: a new connection for each call, and one kept for the length of a run.
            A psycopg.AsyncConnection: that one. If it breaks, a failed run is undone on another, made
            with the same parameters and closed after; a role or search_path set by SET is not carried over.
        attempts: how often undoing a failed run is tried, each time but the first on a fresh connection;
            a pool may take up to its own timeout each time.
        backoff: seconds to wait after so many failed tries; by default 0.2, 0.8, …

    A method without connection= runs in a transaction of its own, committed when it returns; only where the
    source is a connection with a transaction open does it join that one. With connection= it runs on that
    connection as connection.execute() would: the transaction, and its commit, are yours.

    Connections that the client opens are in autocommit and prepare no statements, so any pooler will do.
    The schema version is checked once, with the first call.

    Raises: SchemaTooOld from the first call, if the database needs `python -m pgunwind migrate`.

    """

    def __init__(
        self,
        source: psycopg.AsyncConnection[Any] | AsyncConnectionPool[Any] | str,
        *,
        attempts: int = DEFAULT_ATTEMPTS,
        backoff: Backoff = _base.default_backoff,
    ) -> None:
        if attempts < 1:
            raise ValueError(f"attempts is at least 1, not {attempts}")
        self._source = _async_io.source_of(source)
        self._attempts = attempts
        self._backoff = backoff
        self._schema_checked = False

    @asynccontextmanager
    async def run(
        self,
        workflow: str,
        *,
        run_id: str | None = None,
        business_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        worker: str | None = None,
        lease: timedelta = DEFAULT_LEASE,
    ) -> AsyncIterator[AsyncRun]:
        """Start a run and end it with the block: COMPLETED if left normally, undone if by an exception.

        Any exception counts, KeyboardInterrupt too: fail_run keeps its text, compensate_run deletes the rows,
        and the exception goes on with a note saying what was undone. `run.result` tells the same.

        Args:
            workflow: the name of a defined workflow.
            run_id: the run's id, never used before; None for a uuid.
            business_key: what the run is about in your words: a brief id, an order number.
            metadata: a JSON object kept with the run.
            worker: the run starts claimed by this worker, who speaks in each of its transactions.
            lease: how long that claim is live.

        Raises:
            CompensationPending: from the exception that ended the block, if the run cannot be undone now.
            NotDefined, DuplicateRun, InvalidDefinition: nothing was started.
            TransactionMismatch: the connection is in a transaction, in which no step would really commit.

        Defined by sql/engine/runtime: start_run.sql, complete_run.sql, fail_run.sql, compensate_run.sql.

        """
        async with self._source.for_run() as source:
            start = _commands.start_run(workflow, run_id, business_key, metadata, worker, lease)
            async with source.connection() as connection:
                _base.require_idle(connection)
                await self._check_schema_once(connection)
                state = RunState(await _async_io.call_alone(connection, start), workflow)
            run = AsyncRun(source, state, worker)
            ending = Ending(state, self._attempts, self._backoff)
            try:
                yield run
                await run._carry_out(ending.complete())
            except BaseException as error:
                await run._carry_out(ending.undo(error))
                if not ending.completed_after_all:
                    raise

    async def _call(self, command: Command[T], connection: psycopg.AsyncConnection[Any] | None) -> T:
        if connection is not None:
            await self._check_schema_once(connection)
            return await _async_io.execute(connection, command)
        async with self._source.connection() as own:
            await self._check_schema_once(own)
            if _base.in_transaction(own):
                return await _async_io.execute(own, command)
            return await _async_io.call_alone(own, command)

    async def _check_schema_once(self, connection: psycopg.AsyncConnection[Any]) -> None:
        if not self._schema_checked:
            await _async_io.check_schema(connection)
            self._schema_checked = True


class AsyncRun:
    """A run under way, as AsyncUnwind.run yields it.

    Steps that run in parallel, in tasks of your own, need a pool: each has its own connection then.
    """

    def __init__(self, source: _async_io.Source, state: RunState, worker: str | None) -> None:
        self._source = source
        self._state = state
        self._worker = worker

    @property
    def id(self) -> str:
        """The run's id (unwind.workflow_runs.id)."""
        return self._state.run_id

    @property
    def workflow(self) -> str:
        """The name of the run's workflow."""
        return self._state.workflow

    @property
    def result(self) -> RunResult:
        """What became of the run, as far as this client knows; final once the block is left."""
        return self._state.result()

    @asynccontextmanager
    async def step(self, step: str, *entity_key: Key) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """Do one step in one transaction: it is recorded first, then your statements run on the connection.

        Committed when the block is left normally, rolled back by an exception. While it is open nobody can
        undo the run; once the run is undone nobody can open it.

        Args:
            step: a step of the workflow.
            entity_key: values (str, int or UUID) of the key columns of what the step creates. Left out, only
                the transaction is opened: call record() in it for each entity.

        Yields: the psycopg connection.

        Raises:
            RunNotRunning, ClaimLost, EntityOwnedElsewhere, NotDefined, InvalidDefinition: by the record.
            TransactionMismatch: the connection is in a transaction, a step of this run for instance.

        Defined by unwind.record_step in sql/engine/runtime/record_step.sql.

        """
        async with self._source.connection() as connection:
            _base.require_idle(connection)
            left_normally = False
            with translate():
                async with connection.transaction():
                    if self._worker is not None:
                        await _async_io.execute(connection, _commands.act_as(self._worker))
                    if entity_key:
                        await _async_io.execute(connection, _commands.record_step(self.id, step, entity_key))
                    with _base.step_open(self.id, connection):
                        yield connection
                    left_normally = True
            if left_normally:  # not so after psycopg.Rollback, which transaction() keeps to itself
                self._state.step_committed(step)

    async def record(
        self, step: str, *entity_key: Key, connection: psycopg.AsyncConnection[Any] | None = None
    ) -> None:
        """Record one more entity in the transaction of the open step, or of the given connection.

        For steps that create several entities, or one whose key is known only after the insert. Call it
        before the transaction ends; to record ahead of it use intend().

        Args:
            step: a step of the workflow.
            entity_key: values (str, int or UUID) of its key columns.
            connection: one with a transaction open; None for that of the step which this task is in.

        Raises:
            RunNotRunning, ClaimLost, EntityOwnedElsewhere, NotDefined, InvalidDefinition: by the record.
            TransactionMismatch: no step is open here, or the connection has no transaction.

        Defined by unwind.record_step in sql/engine/runtime/record_step.sql.

        """
        given = connection is not None
        connection = connection or cast("psycopg.AsyncConnection[Any]", _base.step_connection(self.id))
        _base.require_transaction(connection)
        if given and self._worker is not None:
            await _async_io.execute(connection, _commands.act_as(self._worker))
        await _async_io.execute(connection, _commands.record_step(self.id, step, entity_key))

    async def intend(self, step: str, *entity_key: Key) -> None:
        """Record an entity ahead, in a transaction of its own: a write-ahead intent.

        Whatever then happens, the run's compensation covers that key: for programs whose inner layers commit
        on connections of their own. Until such a layer has ended, no lock keeps the run from being undone.

        Args:
            step: a step of the workflow.
            entity_key: values (str, int or UUID) of its key columns.

        Raises:
            RunNotRunning, ClaimLost, EntityOwnedElsewhere, NotDefined, InvalidDefinition: by the record.
            TransactionMismatch: the connection is in a transaction, a step of this run for instance.

        Defined by unwind.record_step in sql/engine/runtime/record_step.sql.

        """
        await self._perform(Do(_commands.record_step(self.id, step, entity_key)))

    async def _perform(self, action: Do | Pause) -> Any:
        if isinstance(action, Pause):
            await asyncio.sleep(action.seconds)
            return None
        fresh = action.fresh or (action.roll_back and not self._source.usable)
        async with self._source.connection(fresh=fresh) as connection:
            if action.roll_back and _base.in_transaction(connection):
                await connection.rollback()
            _base.require_idle(connection)
            return await _async_io.call_alone(connection, action.command, self._worker)

    async def _carry_out(self, plan: Plan) -> None:
        try:
            action = next(plan)
            while True:
                try:
                    outcome = await self._perform(action)
                except BaseException as error:
                    action = plan.throw(error)
                else:
                    action = plan.send(outcome)
        except StopIteration:
            return
