"""The asynchronous client: AsyncUnwind, and the AsyncRun that its run() yields.

What is called stands in _commands.py, how the blocks of runs and steps begin in _async_block.py and
_async_step.py, and what is done when a run ends in _async_ending.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar, cast
from uuid import uuid4

import psycopg

from . import _async_batches, _async_io, _commands
from ._async_block import Block
from ._async_capture_connection import belongs
from ._async_ending import Leaves
from ._async_functions import AsyncFunctions
from ._async_heartbeats import Heartbeats
from ._async_sources import Source, require_own_kind, source_of
from ._async_start import Start
from ._async_step import Step, TakenStep
from ._capture import Capture
from ._checks import checking
from ._claims import DEFAULT_LEASE, Claim, claimed_elsewhere, require_running, unique_worker
from ._commands import Command, IfExists, Key, Keys
from ._concurrency import AsyncLocal
from ._connections import (
    AnyConnection,
    in_transaction,
    require_autocommit,
    require_idle,
    require_transaction,
)
from ._open_steps import step_connection
from ._retries import DEFAULT_ATTEMPTS, DEFAULT_LOCK_TIMEOUT, Backoff, default_backoff
from ._run_state import RunState
from .errors import RunNotRunning
from .results import Progress, RunResult

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

P = ParamSpec("P")
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
        lock_timeout: how long a run that ends waits for steps in flight, which hold its row; on sessions that
            have no lock_timeout of their own.

    Runs are claimed, and the claims renewed on one connection more, made like the source's own when the first
    renewal is due: a busy pool does not keep a live worker from being known as such.

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
        backoff: Backoff = default_backoff,
        lock_timeout: timedelta = DEFAULT_LOCK_TIMEOUT,
    ) -> None:
        if attempts < 1:
            raise ValueError(f"attempts is at least 1, not {attempts}")
        if lock_timeout <= timedelta(0):
            raise ValueError(f"lock_timeout is longer than zero, not {lock_timeout}")
        self._source = source_of(source)
        self._attempts = attempts
        self._backoff = backoff
        self._lock_timeout = lock_timeout.total_seconds()
        self._heartbeats = AsyncLocal(lambda: Heartbeats(self._source))
        self._schema_checked = False
        self._known: set[str] = set()
        """Workflows of which runs were started: those that follow can be started with their first step."""
        self._asked_early: set[str] = set()
        """Workflows of whose runs the id was wanted before the first step: it will be wanted again."""

    def run(
        self,
        workflow: str,
        *,
        run_id: str | None = None,
        business_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        worker: str | None = None,
        lease: timedelta = DEFAULT_LEASE,
        if_exists: IfExists = "error",
        start: Literal["now"] | None = None,
        capture: bool = False,
    ) -> AbstractAsyncContextManager[AsyncRun]:
        """Start a run and end it with the block: COMPLETED if left normally, undone if by an exception.

        Any exception counts, KeyboardInterrupt too: fail_run keeps its text, compensate_run deletes the rows,
        and the exception goes on with a note saying what was undone. `run.result` tells the same. Without an
        exception `run.fail()` has it undone.

        The end is not broken off: a signal or cancellation that arrives meanwhile goes on when it is done.
        The next one stops it: the call under way is cancelled on the server, the run left to recover_runs.

        Others see the run once something has needed it: its first step, which starts it in the message that
        opens the step; before that its id, an intend(), its end. At once where run_id is given, where it
        captures, in a client's first run of a workflow, and after one whose id was asked for that early.

        Args:
            workflow: the name of a defined workflow.
            run_id: the run's id, never used before; None for a uuid.
            business_key: what the run is about in your words: a brief id, an order number.
            metadata: a JSON object kept with the run.
            worker: the name under which the run is claimed, and which speaks in each of its transactions;
                None for one of its own: host, process and a random part.
            lease: how long the claim is live without a sign of life. It is renewed in the background every
                third of that, and by a step that begins with less than a third left. Once it has expired,
                recover_runs may undo the run.
            if_exists: what if there is a run of this run_id. 'error'; 'attach': go on with its latest
                attempt, see `run.completed` and `run.recorded()`; 'new': start its next attempt, which has an
                id of its own, once the latest was undone.
            start: 'now' starts the run before the block begins.
            capture: what transactions that begin in the block change in captured tables is the run's, and is
                undone with it: its steps, and those of an AsyncCaptureConnection, of an engine that was given
                to pgunwind.sqlalchemy.capture(), and of Django after pgunwind.django.capture().

        Raises:
            CompensationPending: from the exception that ended the block, if the run cannot be undone now, or
                if it is not known whether it is.
            ClaimLost: somebody else has taken the run over; nothing was ended or undone here. With 'attach'
                at once, while another worker's claim on the run is live.
            NotDefined, DuplicateRun, InvalidDefinition: nothing was started.
            RunNotRunning: the run to attach to was undone, or is to be.
            TransactionMismatch: the connection is in a transaction, in which no step would really commit; or
                the block was left before the transaction of a connection given to record() had ended: the run
                can neither be completed nor undone then, and is left to recover_runs.

        Warns: LateHeartbeat, while the lease is not being renewed; NothingRecorded, if the run has completed.

        Defined by sql/engine/runtime: start_run.sql, complete_run.sql, fail_run.sql, compensate_run.sql.

        """
        if start not in (None, "now"):
            raise ValueError(f"start is 'now' or left out, not {start!r}")

        async def begin(source: Source, heartbeats: Heartbeats) -> tuple[AsyncRun, Leaves]:
            captures = capture or checking.get() is not None
            rides = (
                workflow in self._known
                and workflow not in self._asked_early
                and run_id is None
                and start is None
                and not captures
            )
            own_id = str(uuid4()) if rides else run_id
            claim = Claim(own_id or "", worker or unique_worker(), lease)
            state = RunState(claim.run_id, workflow, Capture(claim, captures))
            what = (business_key, metadata, claim.worker, lease)
            command = None
            if rides:
                command = _commands.begin_run(workflow, claim.run_id, *what)
                if source.given is not None:
                    require_idle(source.given)
            else:
                async with source.connection() as connection:
                    require_idle(connection)
                    await self._check_schema_once(connection)
                    state.run_id = claim.run_id = await _async_io.call_alone(
                        connection, _commands.start_run(workflow, own_id, *what, if_exists)
                    )
                    self._known.add(workflow)
                    if if_exists == "attach":
                        row = await _async_io.call_alone(connection, _commands.get_run(state.run_id))
                        state.status = row.status
            starting = Start(source, heartbeats, claim, command)
            return AsyncRun(
                source, state, claim, starting, self._lock_timeout, self._asked_early
            ), "completed"

        return Block(self, begin)

    def attach(
        self,
        run_id: str,
        worker: str | None = None,
        *,
        lease: timedelta = DEFAULT_LEASE,
        capture: bool = False,
    ) -> AbstractAsyncContextManager[AsyncRun]:
        """Take part in a run that another process has started, and leave it running.

        Its claim is taken if it is free or has lapsed, and let go of when the block is left normally, so that
        somebody else can go on; the last step completes the run, by `run.step(…, last=True)`. An exception
        undoes the run as in run(), and all who take part in it.

        Args:
            run_id: the run.
            worker: the name under which to speak; None for one of its own. The name of who holds the claim,
                if that is whom this process works for: then the claim stays there.
            lease: as for run().
            capture: as for run().

        Raises:
            RunNotFound: there is no such run.
            RunNotRunning: it has ended, or is to be undone.
            ClaimLost: another worker's claim on it is live.
            CompensationPending, TransactionMismatch: as run().

        Defined by sql/engine/runtime: get_run.sql, claim_run.sql, release_claim.sql.

        """

        async def begin(source: Source, heartbeats: Heartbeats) -> tuple[AsyncRun, Leaves]:
            claim = Claim(run_id, worker or unique_worker(), lease)
            async with source.connection() as connection:
                require_idle(connection)
                await self._check_schema_once(connection)
                row = await _async_io.call_alone(connection, _commands.get_run(run_id))
                require_running(row)
                take = _commands.claim_run(run_id, claim.worker, lease)
                if not await _async_io.call_alone(connection, take):
                    raise claimed_elsewhere(row, claim.worker)
            starting = Start(source, heartbeats, claim, None)
            state = RunState(run_id, row.workflow, Capture(claim, capture or checking.get() is not None))
            run = AsyncRun(source, state, claim, starting, self._lock_timeout, set())
            return run, "unclaimed" if row.claimed_by != claim.worker else "as it is"

        return Block(self, begin)

    async def compensate_run_in_batches(
        self,
        run_id: str,
        batch_size: int = 10000,
        force: bool = False,
        *,
        connection: psycopg.AsyncConnection[Any] | None = None,
    ) -> AsyncIterator[Progress]:
        """Undo a run that is too big for one transaction; yield how far it is after every batch.

        Nothing is done before the first is asked for; left early, the undo stops where it is, and a new call
        goes on. It commits by itself: a connection= has to be in autocommit and in no transaction.

        Args:
            run_id: the run.
            batch_size: rows to delete in one transaction.
            force: also a COMPLETED run, or one on which another worker's claim is live.
            connection: one to call it on, instead of the source's.

        Raises: as compensate_run; ClaimLost (somebody else took it over); InvalidDefinition (no row in
        a batch); TransactionMismatch.
        Defined by unwind.compensate_run_in_batches in sql/engine/batches/compensate_run_in_batches.sql.

        """
        command = _commands.compensate_run_in_batches(run_id, batch_size, force)
        async with self._connection_or(connection) as own:
            await self._check_schema_once(own)
            require_idle(own)
            async with aclosing(_async_batches.iterate(own, command)) as told:
                async for progress in told:
                    yield progress

    @asynccontextmanager
    async def _connection_or(
        self, connection: psycopg.AsyncConnection[Any] | None
    ) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """The given connection, which has to be in autocommit, or one of the source's."""
        if connection is not None:
            require_own_kind(connection)
            require_autocommit(connection)
            yield connection
            return
        async with self._source.connection() as own:
            yield own

    async def _call(self, command: Command[T], connection: psycopg.AsyncConnection[Any] | None) -> T:
        if connection is not None:
            require_own_kind(connection)
            if command.commits:
                require_autocommit(connection)
            await self._check_schema_once(connection)
            return await _async_io.execute(connection, command)
        async with self._source.connection() as own:
            await self._check_schema_once(own)
            if command.commits:
                require_idle(own)
            if in_transaction(own):
                return await _async_io.execute(own, command)
            return await _async_io.call_alone(own, command)

    async def _check_schema_once(self, connection: psycopg.AsyncConnection[Any]) -> None:
        if not self._schema_checked:
            await _async_io.check_schema(connection)
            self._schema_checked = True


class AsyncRun:
    """A run under way, as AsyncUnwind.run and attach yield it.

    Steps that run in parallel, in tasks of your own, need a pool: each has its own connection then.
    """

    def __init__(
        self,
        source: Source,
        state: RunState,
        claim: Claim,
        start: Start,
        lock_timeout: float,
        asked_early: set[str],
    ) -> None:
        self._source = source
        self._state = state
        self._claim = claim
        self._start = start
        self._lock_timeout = lock_timeout
        self._asked_early = asked_early
        self._stepped = False

    @property
    def id(self) -> str:
        """The run's id (unwind.workflow_runs.id). Others see the run once it was asked for."""
        if not self._stepped:
            self._asked_early.add(self._state.workflow)
        self._start.at_once()
        return self._state.run_id

    @property
    def workflow(self) -> str:
        """The name of the run's workflow."""
        return self._state.workflow

    @property
    def worker(self) -> str:
        """The name under which the run is claimed (unwind.workflow_runs.claimed_by)."""
        return self._claim.worker

    @property
    def claim_lost(self) -> bool:
        """Whether the run is known to be lost to somebody else: a long step does well to stop then."""
        return self._claim.lost

    @property
    def result(self) -> RunResult:
        """What became of the run, as far as this client knows; final once the block is left."""
        return self._state.result(self.id)

    @property
    def completed(self) -> bool:
        """Whether the run is COMPLETED: by a last step, or before run(…, if_exists='attach') came to it."""
        return self._state.status == "COMPLETED"

    def step(
        self, step: str, *entity_key: Key, last: bool = False
    ) -> AbstractAsyncContextManager[psycopg.AsyncConnection[Any]]:
        """Do one step in one transaction: it is recorded first, then your statements run on the connection.

        Committed when the block is left normally, rolled back by an exception. While it is open nobody can
        undo the run; once the run is undone nobody can open it.

        Args:
            step: a step of the workflow.
            entity_key: values (str, int or UUID) of the key columns of what the step creates. Left out, only
                the transaction is opened: call record() in it for each entity.
            last: complete the run in the step's own commit. So there is no moment at which all is done and
                the run can still be undone; and it is one message less.

        Yields: the psycopg connection.

        Raises:
            RunNotRunning, ClaimLost, EntityOwnedElsewhere, NotDefined, InvalidDefinition: by the record.
            TransactionMismatch: the connection is in a transaction, a step of this run for instance; or
                nothing can be committed any more, as a statement has failed, or COMMIT was sent.

        Defined by unwind.record_step in sql/engine/runtime/record_step.sql; complete_run.sql is beside it.

        """
        source = self._source
        if source.given is not None:
            return Step(self, source.given, step, entity_key, last)
        return TakenStep(self, source.connection(), step, entity_key, last)

    async def record(
        self,
        step: str,
        *entity_key: Key,
        connection: psycopg.AsyncConnection[Any] | None = None,
        adopt: bool = False,
    ) -> None:
        """Record one more entity in the transaction of the open step, or of the given connection.

        For steps that create several entities, or one whose key is known only after the insert. Where it is
        known, call this before the insert: only then is a row noticed that was there already. To record ahead
        of the transaction use intend().

        Args:
            step: a step of the workflow.
            entity_key: values (str, int or UUID) of its key columns.
            connection: one with a transaction open, which has to end before the run's block does; None for
                that of the step which this task is in.
            adopt: the row is there already, committed by an inner layer that returned its key, and is this
                run's all the same: undoing the run deletes it.

        Raises:
            RunNotRunning, ClaimLost, EntityOwnedElsewhere, NotDefined, InvalidDefinition: by the record.
            EntityExists: the row was there before this transaction, and adopt was not asked for.
            TransactionMismatch: no step is open here, or the connection has no transaction.

        Defined by unwind.record_step in sql/engine/runtime/record_step.sql; adopt_entity.sql is beside it.

        """
        command = _commands.adopt_entity if adopt else _commands.record_step
        await self._record(command(self._state.run_id, step, entity_key), connection)
        self._note(step, [entity_key], self._connection_or_step(connection))

    async def record_entities(
        self,
        step: str,
        entity_keys: Iterable[Keys],
        *,
        connection: psycopg.AsyncConnection[Any] | None = None,
    ) -> int:
        """Record many entities of one step at once, in the transaction that record() would take: all or none.

        Call it before the inserts, as record().

        Args:
            step: a step of the workflow.
            entity_keys: for each entity the value of its key column, or a sequence of those of its columns.
            connection: as for record().

        Returns: how many of the keys are new to the run.

        Raises: as record(); the error names the first key that offends.

        Defined by unwind.record_entities in sql/engine/runtime/record_entities.sql.

        """
        keys = [_commands.key_texts(key) for key in entity_keys]
        new = await self._record(_commands.record_entities(self._state.run_id, step, keys), connection)
        self._note(step, keys, self._connection_or_step(connection))
        return new

    async def record_if_new(
        self, step: str, *entity_key: Key, connection: psycopg.AsyncConnection[Any] | None = None
    ) -> bool:
        """Record the entity unless its row is there already, in the transaction that record() would take.

        For steps that make a row or find it. Call it before the insert; the row that it finds stays there
        until the transaction ends.

        Args:
            step: a step of the workflow.
            entity_key: values (str, int or UUID) of its key columns.
            connection: as for record().

        Returns: whether it is recorded: undoing the run deletes it then.

        Raises:
            RunNotRunning, ClaimLost, EntityOwnedElsewhere, NotDefined, InvalidDefinition: by the record.
            TransactionMismatch: no step is open here, or the connection has no transaction.

        Defined by unwind.record_if_new in sql/engine/runtime/record_if_new.sql.

        """
        recorded = await self._record(
            _commands.record_if_new(self._state.run_id, step, entity_key), connection
        )
        if recorded:
            self._note(step, [entity_key], self._connection_or_step(connection))
        return recorded

    async def intend(self, step: str, *entity_key: Key) -> None:
        """Record an entity ahead, in a transaction of its own: a write-ahead intent.

        Whatever then happens, the run's compensation covers that key: for programs whose inner layers commit
        on connections of their own. Until such a layer has ended, no lock keeps the run from being undone.

        The key has to be one that only this run makes, a uuid of its own for instance: what somebody else
        inserts under it later is taken for the run's, and deleted with it.

        Args:
            step: a step of the workflow.
            entity_key: values (str, int or UUID) of its key columns.

        Raises:
            RunNotRunning, ClaimLost, EntityOwnedElsewhere, NotDefined, InvalidDefinition: by the record.
            EntityExists: the row is there already.
            TransactionMismatch: the connection is in a transaction, a step of this run for instance.

        Defined by unwind.record_step in sql/engine/runtime/record_step.sql.

        """
        self._require_unfailed()
        await self._start.apart()
        async with self._source.connection() as connection:
            require_idle(connection)
            await self._renew_if_late(connection)
            record = _commands.record_step(self._state.run_id, step, entity_key)
            await _async_io.call_alone(connection, record, self.worker)
        self._note(step, [entity_key], None)

    async def recorded(self, step: str) -> tuple[tuple[str, ...], ...]:
        """The keys that a step has recorded, by whomever, and that undoing the run would delete.

        For a run that is gone on with: a step that has recorded something has committed. Not so one whose key
        was recorded ahead, by intend().

        Args:
            step: a step of the workflow.

        Returns: each key as the text of its values, in the order in which they were recorded.

        Defined by the view unwind.run_steps in sql/engine/runtime/run_steps.sql.

        """
        await self._start.apart()
        command = _commands.recorded_by(self._state.run_id, step)
        async with self._source.connection() as connection:
            if in_transaction(connection):
                return await _async_io.execute(connection, command)
            return await _async_io.call_alone(connection, command)

    def bind(self, function: Callable[P, T]) -> Callable[P, T]:
        """Return a function that does the same, in the run: for an executor, whose workers are outside.

        The transactions that it begins are captured as in the block, if the run captures. It sees the context
        variables of now.

        Args:
            function: what they are to call, as often as they like, at once too.

        """
        return self._state.capture.bind(function)

    def fail(self, reason: str) -> None:
        """Have the run undone when its block is left, without an exception; run.result says why.

        For what returns a failure instead of raising it. Nothing is sent before the block is left, and a step
        that is open still commits, to be undone with the others; no other begins.

        Args:
            reason: what workflow_runs.last_error and run.result.error will say.

        Raises: RunNotRunning, if the run has completed.

        """
        if self.completed:
            raise RunNotRunning(
                f"run {self._state.run_id!r} is COMPLETED",
                "Its last step has committed.",
                "To undo it all the same: unwind.compensate_run(…, force=True).",
            )
        self._state.failure = reason

    def _require_unfailed(self) -> None:
        """Refuse to begin what would only be undone."""
        if self._state.failure is not None:
            raise self._state.has_failed()

    async def _record(self, command: Command[T], connection: psycopg.AsyncConnection[Any] | None) -> T:
        if connection is not None:
            require_own_kind(connection)
            await self._start.apart()
        self._claim.warn_if_late()
        self._claim.assert_held()
        own = self._connection_or_step(connection)
        require_transaction(own)
        if connection is not None and self._state.capture.is_on:
            command = _commands.inside(command, self._state.run_id, self.worker)
            belongs(own, self._state.capture)
        elif connection is not None:
            command = _commands.spoken(command, self.worker)
        return await _async_io.execute(own, command)

    def _connection_or_step(
        self, connection: psycopg.AsyncConnection[Any] | None
    ) -> psycopg.AsyncConnection[Any]:
        return connection or cast("psycopg.AsyncConnection[Any]", step_connection(self._state.run_id))

    def _note(self, step: str, keys: Iterable[Sequence[Key]], connection: AnyConnection | None) -> None:
        self._state.recorded(step, [tuple(map(str, key)) for key in keys], connection)

    def _ended(self) -> None:
        """The block was left: nothing is started any more, and nobody asks early."""
        self._start.command = None
        self._stepped = True

    def _completed_by_step(self, committed: bool) -> None:
        """The step that was to complete the run has ended."""
        if committed:
            self._state.status = "COMPLETED"
            self._claim.over = True
        else:
            self._claim.ending = False

    async def _renew_if_late(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """By itself, before the step: within it nobody would see it, and other steps would wait for it."""
        self._claim.assert_held()
        if self._claim.late and self._start.command is None:
            asked = self._claim.clock()
            try:
                held = await _async_io.call_alone(connection, self._claim.renewal())
            except psycopg.errors.LockNotAvailable:
                self._claim.warn_if_late()
            else:
                self._claim.renewed(held, asked)
                self._claim.assert_held()
