# Made from _async_functions.py by make sync-client: change that file, not this one.

"""Every SQL function as a method of the same name, for the synchronous client."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import psycopg

from . import _commands
from ._claims import DEFAULT_LEASE
from ._commands import Command, IfExists, Key, Keys
from ._connections import require_transaction
from ._sources import require_own_kind
from .results import (
    Change,
    DependentRun,
    Finding,
    Holder,
    Leftover,
    OnConflict,
    Orphan,
    PreviewLine,
    Receipt,
    Recovery,
    RunRow,
    RunStatus,
    RunTotal,
)

Connection = psycopg.Connection[Any]
T = TypeVar("T")


class Functions(ABC):
    """The functions of schema unwind. What connection= means is said with Unwind."""

    @abstractmethod
    def _call(self, command: Command[T], connection: Connection | None) -> T: ...

    # Catalog

    def define_workflow(
        self,
        workflow: str,
        description: str | None = None,
        check_delete_right: bool | None = None,
        *,
        connection: Connection | None = None,
    ) -> None:
        """Define a workflow, or describe it anew.

        check_delete_right: whether only who may delete from a step's tables may record it, as is the rule;
        False where the application's interface is itself SECURITY DEFINER functions; None leaves it.

        Defined by unwind.define_workflow in sql/engine/definition/define_workflow.sql.
        """
        command = _commands.define_workflow(workflow, description, check_delete_right)
        return self._call(command, connection)

    def define_step(
        self,
        workflow: str,
        step: str,
        root_table: str,
        *key_columns: str,
        connection: Connection | None = None,
    ) -> None:
        """Declare a step by its root table, as SQL writes its name, and the columns of its entity key.

        Steps are ordered by first definition; called again for a step it adds another root table.

        Raises: NotDefined (no such workflow); InvalidDefinition (no such column, another number of columns);
        EntityOwnedElsewhere (a live run's entity is owned by another run in the added table).
        Defined by unwind.define_step in sql/engine/definition/define_step.sql.
        """
        return self._call(_commands.define_step(workflow, step, root_table, key_columns), connection)

    def define_custom_step(
        self, workflow: str, step: str, compensation: str, *, connection: Connection | None = None
    ) -> None:
        """Declare a step that a function of yours undoes, such as 'app.undo_mail(text[])'.

        It takes (run_ids text[]) and returns table(run_id text, table_name text, rows_deleted bigint).

        Raises: NotDefined (no such workflow); InvalidDefinition (the function is not of that kind).
        Defined by unwind.define_custom_step in sql/engine/definition/define_custom_step.sql.
        """
        return self._call(_commands.define_custom_step(workflow, step, compensation), connection)

    def declare_foreign_key(
        self,
        child_table: str,
        child_columns: Sequence[str],
        parent_table: str,
        parent_columns: Sequence[str],
        on_delete: str = "cascade",
        *,
        connection: Connection | None = None,
    ) -> None:
        """Declare a foreign key that the schema lacks, or override the action of one that it has.

        on_delete: 'cascade' (the child belongs to the parent), 'restrict' (it only refers to it),
        'set null', or 'set null (column, …)' where not all of the link's columns are to be cleared.

        Raises: InvalidDefinition (no such column, types that cannot compare, unknown action).
        Defined by unwind.declare_foreign_key in sql/engine/definition/declare_foreign_key.sql.
        """
        command = _commands.declare_foreign_key(
            child_table, child_columns, parent_table, parent_columns, on_delete
        )
        return self._call(command, connection)

    def drop_foreign_key(
        self,
        child_table: str,
        child_columns: Sequence[str],
        parent_table: str,
        parent_columns: Sequence[str],
        *,
        connection: Connection | None = None,
    ) -> None:
        """Take back a declare_foreign_key; a real constraint counts again with its own action.

        Raises: InvalidDefinition (nothing was declared on these columns).
        Defined by unwind.drop_foreign_key in sql/engine/definition/drop_foreign_key.sql.
        """
        command = _commands.drop_foreign_key(child_table, child_columns, parent_table, parent_columns)
        return self._call(command, connection)

    def compile_workflow(self, workflow: str, *, connection: Connection | None = None) -> None:
        """Make plan and function of a workflow anew, after somebody altered its tables.

        Raises: NotDefined; InvalidDefinition (what was declared is no longer there).
        Defined by unwind.compile_workflow in sql/engine/definition/compile_workflow.sql.
        """
        return self._call(_commands.compile_workflow(workflow), connection)

    def drop_workflow(self, workflow: str, *, connection: Connection | None = None) -> None:
        """Forget a workflow. Ended runs and receipts stay.

        Raises: NotDefined; psycopg.errors.ObjectInUse while runs of it are live.
        Defined by unwind.drop_workflow in sql/engine/definition/drop_workflow.sql.
        """
        return self._call(_commands.drop_workflow(workflow), connection)

    def describe_workflow(
        self, workflow: str, format: str = "text", *, connection: Connection | None = None
    ) -> str:
        """The workflow, its steps and links as 'text', 'mermaid' or 'dot'.

        Raises: NotDefined, InvalidDefinition (another format).
        Defined by unwind.describe_workflow in sql/engine/authoring/describe_workflow.sql.
        """
        return self._call(_commands.describe_workflow(workflow, format), connection)

    def suggest_workflow(
        self, root_table: str, *key_columns: str, connection: Connection | None = None
    ) -> str:
        """Propose the script that defines a workflow for a root table and what hangs below it.

        Without key columns the key is the primary key. Nothing is changed: read and change the script first.

        Raises: InvalidDefinition (not a table, no such column, no key).
        Defined by unwind.suggest_workflow in sql/engine/authoring/suggest_workflow.sql.
        """
        return self._call(_commands.suggest_workflow(root_table, key_columns), connection)

    # Forward

    def start_run(
        self,
        workflow: str,
        run_id: str | None = None,
        business_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        worker: str | None = None,
        lease: timedelta = DEFAULT_LEASE,
        if_exists: IfExists = "error",
        *,
        connection: Connection | None = None,
    ) -> str:
        """Start a run and return its id: run_id, or a uuid.

        The run() context manager does this and ends the run too. With a worker the run starts claimed, for
        the length of the lease. if_exists: where run_id is that of a run, 'error'; 'attach' gives the id of
        its latest attempt; 'new' starts the next one, <run_id>:2, once the latest was undone.

        Raises: NotDefined (no such workflow); DuplicateRun; InvalidDefinition (empty id, lease not positive);
        to attach: RunNotRunning (it was undone, or is to be), ClaimLost (another worker has it).
        Defined by unwind.start_run in sql/engine/runtime/start_run.sql.
        """
        command = _commands.start_run(workflow, run_id, business_key, metadata, worker, lease, if_exists)
        return self._call(command, connection)

    def get_run(self, run_id: str, *, connection: Connection | None = None) -> RunRow:
        """A run as the database has it: its status, error and claim.

        Raises: RunNotFound.
        Defined by unwind.get_run in sql/engine/runtime/get_run.sql.
        """
        return self._call(_commands.get_run(run_id), connection)

    def find_runs(
        self,
        workflow: str | None = None,
        business_key: str | None = None,
        status: RunStatus | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        max_runs: int = 100,
        *,
        connection: Connection | None = None,
    ) -> tuple[RunRow, ...]:
        """Runs by what is known of them, the newest first: started since then, and before until.

        Raises: InvalidDefinition (no such status, a number below one).
        Defined by unwind.find_runs in sql/engine/runtime/find_runs.sql.
        """
        command = _commands.find_runs(workflow, business_key, status, since, until, max_runs)
        return self._call(command, connection)

    def record_step(
        self, run_id: str, step: str, *entity_key: Key, connection: Connection | None = None
    ) -> None:
        """Record that a step of the run creates this entity. Give the connection that inserts its rows.

        With connection= the run cannot be undone until your transaction ends. Without it the record is
        committed at once, an intent: call it before the rows are written, for a key that only this run makes.

        Raises: RunNotFound, RunNotRunning, ClaimLost, EntityOwnedElsewhere; EntityExists (its row was there
        before your transaction); NotDefined (no such step); InvalidDefinition (another number of key values).
        Defined by unwind.record_step in sql/engine/runtime/record_step.sql.
        """
        return self._call(_commands.record_step(run_id, step, entity_key), connection)

    def record_entities(
        self,
        run_id: str,
        step: str,
        entity_keys: Iterable[Keys],
        *,
        connection: Connection | None = None,
    ) -> int:
        """Record many entities of a step at once, all or none; return how many are new to the run.

        entity_keys: for each the value of its key column, or a sequence of those of its columns.

        Raises: as record_step; the error names the first key that offends.
        Defined by unwind.record_entities in sql/engine/runtime/record_entities.sql.
        """
        return self._call(_commands.record_entities(run_id, step, entity_keys), connection)

    def record_if_new(
        self, run_id: str, step: str, *entity_key: Key, connection: Connection | None = None
    ) -> bool:
        """Record the entity unless its row is there already; return whether it is recorded.

        For steps that make a row or find it. True again for what this run has recorded.

        Raises: as record_step, but for EntityExists.
        Defined by unwind.record_if_new in sql/engine/runtime/record_if_new.sql.
        """
        return self._call(_commands.record_if_new(run_id, step, entity_key), connection)

    def adopt_entity(
        self, run_id: str, step: str, *entity_key: Key, connection: Connection | None = None
    ) -> None:
        """Make a row that is there already the run's, on purpose: undoing the run deletes it.

        Raises: RunNotFound, RunNotRunning, ClaimLost, EntityOwnedElsewhere, NotDefined, InvalidDefinition;
        psycopg.errors.NoDataFound (there is no such row); psycopg.errors.InsufficientPrivilege.
        Defined by unwind.adopt_entity in sql/engine/runtime/adopt_entity.sql.
        """
        return self._call(_commands.adopt_entity(run_id, step, entity_key), connection)

    def release_entity(
        self, run_id: str, step: str, *entity_key: Key, connection: Connection | None = None
    ) -> None:
        """Take an entity out of the run's undo: its rows are kept, and are nobody's.

        Raises: RunNotFound, RunNotRunning, RunClaimed, NotDefined; DependentsExist (another key of the run
        reaches the row).
        Defined by unwind.release_entity in sql/engine/runtime/release_entity.sql.
        """
        return self._call(_commands.release_entity(run_id, step, entity_key), connection)

    def enter_run(self, run_id: str, worker: str | None = None, *, connection: Connection) -> None:
        """Make the connection's transaction the run's, and with it what it changes in captured tables.

        Not what it has changed before. worker: as after act_as.

        Raises: RunNotFound, RunNotRunning, ClaimLost; OtherRunEntered (the transaction is another run's);
        TransactionMismatch (the connection is in no transaction: it would be left at once).
        Defined by unwind.enter_run in sql/engine/runtime/enter_run.sql.
        """
        require_own_kind(connection)
        require_transaction(connection)
        return self._call(_commands.enter_run(run_id, worker), connection)

    def complete_run(
        self, run_id: str, keep_images: bool = True, *, connection: Connection | None = None
    ) -> None:
        """Say that the run has succeeded: COMPLETED.

        keep_images: False forgets at once what it has changed in captured tables: it cannot be undone then.

        Raises: RunNotFound, RunNotRunning, ClaimLost.
        Defined by unwind.complete_run in sql/engine/runtime/complete_run.sql.
        """
        return self._call(_commands.complete_run(run_id, keep_images), connection)

    def fail_run(self, run_id: str, error: str, *, connection: Connection | None = None) -> None:
        """Say that the run has failed, and why: FAILED, to be undone.

        Raises: RunNotFound, RunNotRunning, ClaimLost.
        Defined by unwind.fail_run in sql/engine/runtime/fail_run.sql.
        """
        return self._call(_commands.fail_run(run_id, error), connection)

    def act_as(self, worker: str, *, connection: Connection) -> None:
        """Say which worker is speaking on the connection, until its transaction ends.

        Raises: TransactionMismatch (the connection is in no transaction: the word would be lost at once).
        Defined by unwind.act_as in sql/engine/runtime/act_as.sql.
        """
        require_own_kind(connection)
        require_transaction(connection)
        return self._call(_commands.act_as(worker), connection)

    # Claims

    def claim_run(
        self,
        run_id: str,
        worker: str,
        lease: timedelta = DEFAULT_LEASE,
        *,
        connection: Connection | None = None,
    ) -> bool:
        """Claim a live run for a worker for the length of the lease; False while another's claim is live.

        Raises: RunNotFound; RunNotRunning (it has ended); InvalidDefinition (no worker, lease not positive).
        Defined by unwind.claim_run in sql/engine/runtime/claim_run.sql.
        """
        return self._call(_commands.claim_run(run_id, worker, lease), connection)

    def renew_claim(
        self,
        run_id: str,
        worker: str,
        lease: timedelta = DEFAULT_LEASE,
        *,
        connection: Connection | None = None,
    ) -> bool:
        """Renew the worker's claim for a lease from now on; False where it is lost.

        The run() context manager does this by itself.

        Raises: RunNotFound; InvalidDefinition (empty worker, lease not positive).
        Defined by unwind.renew_claim in sql/engine/runtime/renew_claim.sql.
        """
        return self._call(_commands.renew_claim(run_id, worker, lease), connection)

    def release_claim(self, run_id: str, worker: str, *, connection: Connection | None = None) -> None:
        """Give up the worker's claim of the run, which goes on unclaimed.

        Raises: RunNotFound; ClaimLost (another worker has it); InvalidDefinition (empty worker).
        Defined by unwind.release_claim in sql/engine/runtime/release_claim.sql.
        """
        return self._call(_commands.release_claim(run_id, worker), connection)

    def find_holders(self, run_id: str, *, connection: Connection | None = None) -> tuple[Holder, ...]:
        """Who keeps the run's row locked, so that it cannot be ended or undone yet: steps in flight, mostly.

        Raises: RunNotFound.
        Defined by unwind.find_holders in sql/engine/runtime/find_holders.sql.
        """
        return self._call(_commands.find_holders(run_id), connection)

    # Back

    def preview_run(self, run_id: str, *, connection: Connection | None = None) -> tuple[PreviewLine, ...]:
        """What compensate_run would delete, in order, counted by SELECTs.

        Raises: RunNotFound.
        Defined by unwind.preview_run in sql/engine/proof/preview_run.sql.
        """
        return self._call(_commands.preview_run(run_id), connection)

    def compensate_run(
        self,
        run_id: str,
        force: bool = False,
        on_conflict: OnConflict = "refuse",
        max_rows: int | None = None,
        *,
        connection: Connection | None = None,
    ) -> tuple[Receipt, ...]:
        """Delete every row of the run, children first, or change nothing; return what was deleted.

        Again for the same run it returns the same receipts. force: also if the run is COMPLETED, or another
        worker's claim on it is live. on_conflict: 'skip' leaves captured rows that somebody else has changed
        since; 'merge' sets only those of their columns back that the run changed. max_rows: more than that
        many, and nothing is deleted.

        Raises: RunNotFound, RunCompleted, RunClaimed, DependentsExist, ChangedSince, RevertRefused,
        ImagesMissing, TooManyRows, UnsupportedIsolation; NotDefined (its workflow was dropped); and whatever
        a trigger or constraint of your tables raises.
        Defined by unwind.compensate_run in sql/engine/runtime/compensate_run.sql.
        """
        return self._call(_commands.compensate_run(run_id, force, on_conflict, max_rows), connection)

    def compensate_runs(
        self,
        run_ids: Sequence[str],
        force: bool = False,
        on_conflict: OnConflict = "refuse",
        max_rows: int | None = None,
        *,
        connection: Connection | None = None,
    ) -> tuple[RunTotal, ...]:
        """Undo many runs in one transaction, set-based: all of them or none.

        max_rows: counted over all of them.

        Raises: as compensate_run.
        Defined by unwind.compensate_runs in sql/engine/runtime/compensate_runs.sql.
        """
        return self._call(_commands.compensate_runs(run_ids, force, on_conflict, max_rows), connection)

    def restore_run(
        self, run_id: str, on_conflict: OnConflict = "refuse", *, connection: Connection | None = None
    ) -> tuple[Receipt, ...]:
        """Take the undo of a run back, in captured tables; return what was put back, and what deleted.

        The run is COMPLETED again if it was, else FAILED, and no sweep undoes it until fail_run. Again for
        the same run it returns the same receipts. on_conflict: as compensate_run.

        Raises: RunNotFound; ImagesMissing (the undo was not captured, or what it kept is gone);
        EntityOwnedElsewhere (another run has taken a key over); ChangedSince, RevertRefused, DependentsExist;
        NotDefined (a step is gone); UnsupportedIsolation; psycopg's ObjectNotInPrerequisiteState, if the run
        is not undone, or was undone together with others, and LockNotAvailable, if somebody is at work on a
        run that has changed rows which the undo skipped.
        Defined by unwind.restore_run in sql/engine/restore/restore_run.sql.
        """
        return self._call(_commands.restore_run(run_id, on_conflict), connection)

    def restore_runs(
        self,
        run_ids: Sequence[str],
        on_conflict: OnConflict = "refuse",
        *,
        connection: Connection | None = None,
    ) -> tuple[RunTotal, ...]:
        """Take the undos of many runs back in one transaction, the last undo first: all of them or none.

        Runs that were undone together come back together; what is counted is the first one's.

        Raises: as restore_run.
        Defined by unwind.restore_runs in sql/engine/restore/restore_runs.sql.
        """
        return self._call(_commands.restore_runs(run_ids, on_conflict), connection)

    def compensate_step(
        self, run_id: str, step: str, *, connection: Connection | None = None
    ) -> tuple[Receipt, ...]:
        """Undo the last live step of a run; return what was deleted.

        Raises: RunNotFound, RunNotRunning, ClaimLost, LaterStepLive (a later one comes first),
        DependentsExist, NotDefined, UnsupportedIsolation.
        Defined by unwind.compensate_step in sql/engine/runtime/compensate_step.sql.
        """
        return self._call(_commands.compensate_step(run_id, step), connection)

    def rewind_run(
        self, run_id: str, to_step: str, *, connection: Connection | None = None
    ) -> tuple[Receipt, ...]:
        """Undo every step after to_step, last first; the run stays RUNNING. Return what was deleted.

        Raises: RunNotFound, RunNotRunning, ClaimLost, DependentsExist, NotDefined, UnsupportedIsolation.
        Defined by unwind.rewind_run in sql/engine/runtime/rewind_run.sql.
        """
        return self._call(_commands.rewind_run(run_id, to_step), connection)

    def recover_runs(
        self,
        workflow: str | None = None,
        max_runs: int = 1000,
        max_retries: int = 5,
        *,
        connection: Connection | None = None,
    ) -> Recovery:
        """Undo failed runs, and claimed ones whose lease has expired, in transactions of its own.

        It commits by itself: a connection= has to be in autocommit and in no transaction.

        Raises: NotDefined (no such workflow); InvalidDefinition (a number below one); UnsupportedIsolation;
        TransactionMismatch.
        Defined by unwind.recover_runs in sql/engine/recovery/recover_runs.sql.
        """
        return self._call(_commands.recover_runs(workflow, max_runs, max_retries), connection)

    def purge_runs(
        self,
        older_than: timedelta,
        workflow: str | None = None,
        max_runs: int = 10000,
        receipts: bool = False,
        audit_log: bool = False,
        *,
        connection: Connection | None = None,
    ) -> int:
        """Forget at most max_runs runs that ended longer ago than older_than; return how many it were.

        receipts: forget their receipts as well. audit_log: and what unwind.audit_log says of them.

        Raises: NotDefined (no such workflow); InvalidDefinition (a negative age, a number below one).
        Defined by unwind.purge_runs in sql/engine/recovery/purge_runs.sql.
        """
        command = _commands.purge_runs(older_than, workflow, max_runs, receipts, audit_log)
        return self._call(command, connection)

    # Capture

    def capture_table(self, *table_names: str, connection: Connection | None = None) -> None:
        """Put tables, as SQL writes their names, under capture, or bring them up to date: all or none.

        What a run that was entered changes there is kept, and undone with it, without recorded keys.

        Raises: InvalidDefinition (a table that cannot be captured, or not without others).
        Defined by unwind.capture_table in sql/engine/capture/capture_table.sql.
        """
        return self._call(_commands.capture_table(table_names), connection)

    def uncapture_table(self, *table_names: str, connection: Connection | None = None) -> None:
        """End the capture of tables and drop what was kept of them: all or none.

        Raises: InvalidDefinition (a table that is not captured, or that others need); and psycopg's
        ObjectInUse, while a run that has not ended has changed something there.
        Defined by unwind.uncapture_table in sql/engine/capture/uncapture_table.sql.
        """
        return self._call(_commands.uncapture_table(table_names), connection)

    def bind_role(self, role_name: str, *, connection: Connection | None = None) -> None:
        """Let a role write to captured tables only inside a run that it has entered (RunRequired).

        Raises: psycopg's UndefinedObject (no such role).
        Defined by unwind.bind_role in sql/engine/capture/bind_role.sql.
        """
        return self._call(_commands.bind_role(role_name), connection)

    def unbind_role(self, role_name: str, *, connection: Connection | None = None) -> None:
        """Let a role write to captured tables as it likes again.

        Defined by unwind.unbind_role in sql/engine/capture/unbind_role.sql.
        """
        return self._call(_commands.unbind_role(role_name), connection)

    def ignore_columns(self, table_name: str, *columns: str, connection: Connection | None = None) -> None:
        """Name the columns of a captured table that say nothing of whether somebody has changed a row.

        Such as updated_at, in place of those named before; none: all count.

        Raises: InvalidDefinition (not captured; no such column, or one of the key).
        Defined by unwind.ignore_columns in sql/engine/capture/ignore_columns.sql.
        """
        self._call(_commands.ignore_columns(table_name, columns), connection)

    def forget_images(self, run_ids: Sequence[str], *, connection: Connection | None = None) -> int:
        """Forget what runs that have ended changed in captured tables; return how many runs that is of.

        Undoing them later says ImagesMissing.

        Raises: RunNotFound; and psycopg's ObjectInUse, if one of them has not ended.
        Defined by unwind.forget_images in sql/engine/runtime/forget_images.sql.
        """
        return self._call(_commands.forget_images(run_ids), connection)

    def find_changes(
        self,
        run_id: str,
        of_undo: bool = False,
        on_conflict: OnConflict = "refuse",
        *,
        connection: Connection | None = None,
    ) -> tuple[Change, ...]:
        """The rows of captured tables that undoing the run would change, and what somebody else did since.

        of_undo: those that restore_run would change. on_conflict: 'merge' shows what merging would do; before
        is then what the row would be.

        Raises: RunNotFound; InvalidDefinition (no such on_conflict); ChangedSince (a table was dropped, or a
        column's type changed).
        Defined by unwind.find_changes in sql/engine/capture/find_changes.sql.
        """
        return self._call(_commands.find_changes(run_id, of_undo, on_conflict), connection)

    def find_uncovered(self, run_id: str, *, connection: Connection | None = None) -> tuple[Change, ...]:
        """What the run changed in captured tables and its recorded keys would not undo; empty: they cover it.

        Raises: as find_changes; NotDefined (its workflow was dropped).
        Defined by unwind.find_uncovered in sql/engine/proof/find_uncovered.sql.
        """
        return self._call(_commands.find_uncovered(run_id), connection)

    def check_capture(self, *, connection: Connection | None = None) -> tuple[Finding, ...]:
        """What would make the undo of captured rows fail, crawl or not be exact, each with a fix.

        Defined by unwind.check_capture in sql/engine/proof/check_capture.sql.
        """
        return self._call(_commands.check_capture(), connection)

    # Proof

    def find_dependent_runs(
        self, run_id: str, *, connection: Connection | None = None
    ) -> tuple[DependentRun, ...]:
        """The runs that have to be undone together with this one, found transitively, each with the reason.

        Raises: RunNotFound, NotDefined, InvalidDefinition.
        Defined by unwind.find_dependent_runs in sql/engine/proof/find_dependent_runs.sql.
        """
        return self._call(_commands.find_dependent_runs(run_id), connection)

    def describe_run(self, run_id: str, format: str = "json", *, connection: Connection | None = None) -> str:
        """The evidence of a run, as 'json' or 'text': see describe_runs.

        Raises: RunNotFound, InvalidDefinition (another format).
        Defined by unwind.describe_run in sql/engine/evidence/describe_run.sql.
        """
        return self._call(_commands.describe_run(run_id, format), connection)

    def describe_runs(
        self, run_ids: Sequence[str], counted: bool = True, *, connection: Connection | None = None
    ) -> dict[str, Any]:
        """The evidence of runs as one document: records with digests, who did what, and the proof.

        For the proof the rows of all their tables are counted; without `counted` it is left out.
        `pgunwind.evidence` makes pages of the document.

        Raises: RunNotFound, InvalidDefinition (no run given).
        Defined by unwind.describe_runs in sql/engine/evidence/describe_runs.sql.
        """
        return self._call(_commands.describe_runs(run_ids, counted), connection)

    def evidence_digest(self, record: Mapping[str, Any], *, connection: Connection | None = None) -> str:
        """The sha256, in hexadecimal, of the record of a run as describe_runs gives it.

        Defined by unwind.evidence_digest in sql/engine/evidence/evidence_digest.sql.
        """
        return self._call(_commands.evidence_digest(record), connection)

    def verify_run(self, run_id: str, *, connection: Connection | None = None) -> tuple[Leftover, ...]:
        """The tables that still hold rows of the run; empty: none is left.

        Raises: RunNotFound.
        Defined by unwind.verify_run in sql/engine/proof/verify_run.sql.
        """
        return self._call(_commands.verify_run(run_id), connection)

    def find_orphans(
        self, workflow: str | None = None, *, connection: Connection | None = None
    ) -> tuple[Orphan, ...]:
        """The links, of one workflow or of all, with child rows whose parent is not there.

        Raises: NotDefined.
        Defined by unwind.find_orphans in sql/engine/proof/find_orphans.sql.
        """
        return self._call(_commands.find_orphans(workflow), connection)

    def check_workflow(self, workflow: str, *, connection: Connection | None = None) -> tuple[Finding, ...]:
        """What would make a compensation slow, wrong or impossible, each with a fix where there is one.

        Raises: NotDefined.
        Defined by unwind.check_workflow in sql/engine/proof/check_workflow.sql.
        """
        return self._call(_commands.check_workflow(workflow), connection)
