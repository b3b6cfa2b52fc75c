"""The only SQL of the client: a command is a call with its parameters and the way to read its rows.

One call for each function of schema unwind, in named notation, so that each reads as that function's
signature, and of the three procedures of which a run that goes well is made; every argument is cast, so that
no parameter leaves the server in doubt. Everything is qualified, types and operators too, so that nothing of
the session's search_path is ever called. What the functions do stands in sql/engine, a file for each.
Nothing here does I/O.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Generic, Literal, LiteralString, NamedTuple, TypeVar
from uuid import UUID

from . import results

Key = str | int | UUID
"""One value of an entity key. It travels as text, as the ledger keeps it."""

Keys = Key | Sequence[Key]
"""An entity key in a list of them: one value, or a sequence of several."""

IfExists = Literal["error", "attach", "new"]

Row = tuple[Any, ...]
T = TypeVar("T")


@dataclass(slots=True)
class Command(Generic[T]):
    """One call of one SQL function. Not frozen, for that doubles what it costs, but never changed."""

    sql: LiteralString
    parameters: Mapping[str, Any]
    read: Callable[[Sequence[Row]], T]
    commits: bool = False
    """A procedure that commits by itself: it runs in no transaction of ours."""
    literal: bool = False
    """Sent with its parameters as literals: several statements in one message, or one that takes none.

    The answer is that of the last.
    """
    read_committed: bool = False
    """Refused (UW010) under any other isolation level, which may be the default."""


class Script(NamedTuple):
    """Several statements whose answers are not wanted, for one message."""

    statements: tuple[LiteralString, ...]
    parameters: Mapping[str, Any]

    def commands(self) -> list[Command[None]]:
        """Each by itself."""
        return [Command(sql, self.parameters, _nothing, literal=True) for sql in self.statements]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a command may wait for a lock."""

    seconds: float
    at_once: bool = False
    """Also where the session has a lock_timeout of its own."""


SCHEMA_VERSION: Final = "select unwind.schema_version()"


def schema_version() -> Command[int]:
    return Command(SCHEMA_VERSION, {}, _scalar)


DEFINE_WORKFLOW: Final = """
select unwind.define_workflow(
    workflow => %(workflow)s::pg_catalog.text,
    description => %(description)s::pg_catalog.text,
    check_delete_right => %(check_delete_right)s::pg_catalog.bool
)"""


def define_workflow(workflow: str, description: str | None, check_delete_right: bool | None) -> Command[None]:
    parameters = {
        "workflow": workflow,
        "description": description,
        "check_delete_right": check_delete_right,
    }
    return Command(DEFINE_WORKFLOW, parameters, _nothing, read_committed=True)


DEFINE_STEP: Final = """
select unwind.define_step(
    workflow => %(workflow)s::pg_catalog.text,
    step => %(step)s::pg_catalog.text,
    root_table => %(root_table)s::pg_catalog.regclass,
    variadic key_columns => %(key_columns)s::pg_catalog.text[]
)"""


def define_step(workflow: str, step: str, root_table: str, key_columns: Sequence[str]) -> Command[None]:
    parameters = {
        "workflow": workflow,
        "step": step,
        "root_table": root_table,
        "key_columns": _names("key_columns", key_columns),
    }
    return Command(DEFINE_STEP, parameters, _nothing, read_committed=True)


DEFINE_CUSTOM_STEP: Final = """
select unwind.define_custom_step(
    workflow => %(workflow)s::pg_catalog.text,
    step => %(step)s::pg_catalog.text,
    compensation => %(compensation)s::pg_catalog.regprocedure
)"""


def define_custom_step(workflow: str, step: str, compensation: str) -> Command[None]:
    parameters = {"workflow": workflow, "step": step, "compensation": compensation}
    return Command(DEFINE_CUSTOM_STEP, parameters, _nothing, read_committed=True)


DECLARE_FOREIGN_KEY: Final = """
select unwind.declare_foreign_key(
    child_table => %(child_table)s::pg_catalog.regclass,
    child_columns => %(child_columns)s::pg_catalog.text[],
    parent_table => %(parent_table)s::pg_catalog.regclass,
    parent_columns => %(parent_columns)s::pg_catalog.text[],
    on_delete => %(on_delete)s::pg_catalog.text
)"""


def declare_foreign_key(
    child_table: str,
    child_columns: Sequence[str],
    parent_table: str,
    parent_columns: Sequence[str],
    on_delete: str,
) -> Command[None]:
    parameters = _link(child_table, child_columns, parent_table, parent_columns)
    return Command(DECLARE_FOREIGN_KEY, {**parameters, "on_delete": on_delete}, _nothing, read_committed=True)


DROP_FOREIGN_KEY: Final = """
select unwind.drop_foreign_key(
    child_table => %(child_table)s::pg_catalog.regclass,
    child_columns => %(child_columns)s::pg_catalog.text[],
    parent_table => %(parent_table)s::pg_catalog.regclass,
    parent_columns => %(parent_columns)s::pg_catalog.text[]
)"""


def drop_foreign_key(
    child_table: str, child_columns: Sequence[str], parent_table: str, parent_columns: Sequence[str]
) -> Command[None]:
    parameters = _link(child_table, child_columns, parent_table, parent_columns)
    return Command(DROP_FOREIGN_KEY, parameters, _nothing, read_committed=True)


COMPILE_WORKFLOW: Final = """
select unwind.compile_workflow(workflow => %(workflow)s::pg_catalog.text)"""


def compile_workflow(workflow: str) -> Command[None]:
    return Command(COMPILE_WORKFLOW, {"workflow": workflow}, _nothing, read_committed=True)


DROP_WORKFLOW: Final = """
select unwind.drop_workflow(workflow => %(workflow)s::pg_catalog.text)"""


def drop_workflow(workflow: str) -> Command[None]:
    return Command(DROP_WORKFLOW, {"workflow": workflow}, _nothing, read_committed=True)


DESCRIBE_WORKFLOW: Final = """
select unwind.describe_workflow(
    workflow => %(workflow)s::pg_catalog.text,
    format => %(format)s::pg_catalog.text
)"""


def describe_workflow(workflow: str, format: str) -> Command[str]:
    return Command(DESCRIBE_WORKFLOW, {"workflow": workflow, "format": format}, _scalar)


FIND_DEPENDENT_RUNS: Final = """
select run_id, workflow, status, reason
from unwind.find_dependent_runs(run_id => %(run_id)s::pg_catalog.text)"""


def find_dependent_runs(run_id: str) -> Command[tuple[results.DependentRun, ...]]:
    return Command(FIND_DEPENDENT_RUNS, {"run_id": run_id}, _rows(results.DependentRun))


DESCRIBE_RUN: Final = """
select unwind.describe_run(
    run_id => %(run_id)s::pg_catalog.text,
    format => %(format)s::pg_catalog.text
)"""


def describe_run(run_id: str, format: str) -> Command[str]:
    return Command(DESCRIBE_RUN, {"run_id": run_id, "format": format}, _scalar)


DESCRIBE_RUNS: Final = """
select unwind.describe_runs(
    run_ids => %(run_ids)s::pg_catalog.text[],
    counted => %(counted)s::pg_catalog.bool
)::pg_catalog.text"""


def describe_runs(run_ids: Sequence[str], counted: bool) -> Command[dict[str, Any]]:
    parameters = {"run_ids": _names("run_ids", run_ids), "counted": counted}
    return Command(DESCRIBE_RUNS, parameters, lambda rows: json.loads(_scalar(rows)))


EVIDENCE_DIGEST: Final = """
select unwind.evidence_digest(record => %(record)s::pg_catalog.jsonb)"""


def evidence_digest(record: Mapping[str, Any]) -> Command[str]:
    return Command(EVIDENCE_DIGEST, {"record": json.dumps(record)}, _scalar)


SUGGEST_WORKFLOW: Final = """
select unwind.suggest_workflow(
    root_table => %(root_table)s::pg_catalog.regclass,
    variadic key_columns => %(key_columns)s::pg_catalog.text[]
)"""


def suggest_workflow(root_table: str, key_columns: Sequence[str]) -> Command[str]:
    parameters = {"root_table": root_table, "key_columns": _names("key_columns", key_columns)}
    return Command(SUGGEST_WORKFLOW, parameters, lambda rows: "".join(f"{line}\n" for (line,) in rows))


START_RUN: Final = """
select unwind.start_run(
    workflow => %(workflow)s::pg_catalog.text,
    run_id => %(run_id)s::pg_catalog.text,
    business_key => %(business_key)s::pg_catalog.text,
    metadata => %(metadata)s::pg_catalog.jsonb,
    worker => %(worker)s::pg_catalog.text,
    lease => %(lease)s::pg_catalog.interval,
    if_exists => %(if_exists)s::pg_catalog.text
)"""


def start_run(
    workflow: str,
    run_id: str | None,
    business_key: str | None,
    metadata: Mapping[str, Any] | None,
    worker: str | None,
    lease: timedelta,
    if_exists: IfExists = "error",
) -> Command[str]:
    parameters = _new_run(workflow, run_id, business_key, metadata, worker, lease)
    return Command(START_RUN, {**parameters, "if_exists": if_exists}, _scalar)


BEGIN_RUN: Final = """
call unwind_internal.begin_run(
    workflow => %(workflow)s::pg_catalog.text,
    run_id => %(run_id)s::pg_catalog.text,
    business_key => %(business_key)s::pg_catalog.text,
    metadata => %(metadata)s::pg_catalog.jsonb,
    worker => %(worker)s::pg_catalog.text,
    lease => %(lease)s::pg_catalog.interval
)"""


def begin_run(
    workflow: str,
    run_id: str,
    business_key: str | None,
    metadata: Mapping[str, Any] | None,
    worker: str,
    lease: timedelta,
) -> Command[None]:
    """Start a run of this id, which is a new one."""
    return Command(BEGIN_RUN, _new_run(workflow, run_id, business_key, metadata, worker, lease), _nothing)


def _new_run(
    workflow: str,
    run_id: str | None,
    business_key: str | None,
    metadata: Mapping[str, Any] | None,
    worker: str | None,
    lease: timedelta,
) -> dict[str, Any]:
    return {
        "workflow": workflow,
        "run_id": run_id,
        "business_key": business_key,
        "metadata": json.dumps(dict(metadata)) if metadata else "{}",
        "worker": worker,
        "lease": _interval(lease),
    }


GET_RUN: Final = """
select
    id, workflow, business_key, status, created_at, updated_at, completed_at, last_error, retry_count,
    claimed_by, claimed_at, lease_expires_at, metadata, started_by, held_at
from unwind.get_run(run_id => %(run_id)s::pg_catalog.text)"""


def get_run(run_id: str) -> Command[results.RunRow]:
    return Command(GET_RUN, {"run_id": run_id}, lambda rows: results.RunRow(*rows[0]))


FIND_RUNS: Final = """
select
    id, workflow, business_key, status, created_at, updated_at, completed_at, last_error, retry_count,
    claimed_by, claimed_at, lease_expires_at, metadata, started_by, held_at
from unwind.find_runs(
    workflow => %(workflow)s::pg_catalog.text,
    business_key => %(business_key)s::pg_catalog.text,
    status => %(status)s::pg_catalog.text,
    since => %(since)s::pg_catalog.timestamptz,
    until => %(until)s::pg_catalog.timestamptz,
    max_runs => %(max_runs)s::pg_catalog.int4
)"""


def find_runs(
    workflow: str | None,
    business_key: str | None,
    status: str | None,
    since: datetime | None,
    until: datetime | None,
    max_runs: int,
) -> Command[tuple[results.RunRow, ...]]:
    parameters = {
        "workflow": workflow,
        "business_key": business_key,
        "status": status,
        "since": since,
        "until": until,
        "max_runs": max_runs,
    }
    return Command(FIND_RUNS, parameters, _rows(results.RunRow))


RECORD_STEP: Final = """
select unwind.record_step(
    run_id => %(run_id)s::pg_catalog.text,
    step => %(step)s::pg_catalog.text,
    variadic entity_key => %(entity_key)s::pg_catalog.text[]
)"""


def record_step(run_id: str, step: str, entity_key: Sequence[Key]) -> Command[None]:
    return Command(RECORD_STEP, _entity(run_id, step, entity_key), _nothing)


RECORD_ENTITIES: Final = """
select unwind.record_entities(
    run_id => %(run_id)s::pg_catalog.text,
    step => %(step)s::pg_catalog.text,
    entity_keys => %(entity_keys)s::pg_catalog.text[]
)"""


def record_entities(run_id: str, step: str, entity_keys: Iterable[Keys]) -> Command[int]:
    keys = [key_texts(key) for key in entity_keys]
    if len(set(map(len, keys))) > 1:
        raise ValueError("all keys have the same number of values")
    parameters = {"run_id": run_id, "step": step, "entity_keys": f"{{{','.join(map(_array, keys))}}}"}
    return Command(RECORD_ENTITIES, parameters, _scalar)


RECORD_IF_NEW: Final = """
select unwind.record_if_new(
    run_id => %(run_id)s::pg_catalog.text,
    step => %(step)s::pg_catalog.text,
    variadic entity_key => %(entity_key)s::pg_catalog.text[]
)"""


def record_if_new(run_id: str, step: str, entity_key: Sequence[Key]) -> Command[bool]:
    return Command(RECORD_IF_NEW, _entity(run_id, step, entity_key), _scalar)


ADOPT_ENTITY: Final = """
select unwind.adopt_entity(
    run_id => %(run_id)s::pg_catalog.text,
    step => %(step)s::pg_catalog.text,
    variadic entity_key => %(entity_key)s::pg_catalog.text[]
)"""


def adopt_entity(run_id: str, step: str, entity_key: Sequence[Key]) -> Command[None]:
    return Command(ADOPT_ENTITY, _entity(run_id, step, entity_key), _nothing)


RELEASE_ENTITY: Final = """
select unwind.release_entity(
    run_id => %(run_id)s::pg_catalog.text,
    step => %(step)s::pg_catalog.text,
    variadic entity_key => %(entity_key)s::pg_catalog.text[]
)"""


def release_entity(run_id: str, step: str, entity_key: Sequence[Key]) -> Command[None]:
    return Command(RELEASE_ENTITY, _entity(run_id, step, entity_key), _nothing)


ENTER_RUN: Final = """
select unwind.enter_run(run_id => %(run_id)s::pg_catalog.text, worker => %(worker)s::pg_catalog.text)"""


def enter_run(run_id: str, worker: str | None) -> Command[None]:
    return Command(ENTER_RUN, {"run_id": run_id, "worker": worker}, _nothing)


COMPLETE_RUN: Final = """
select unwind.complete_run(
    run_id => %(run_id)s::pg_catalog.text,
    keep_images => %(keep_images)s::pg_catalog.bool
)"""


def complete_run(run_id: str, keep_images: bool = True) -> Command[None]:
    return Command(COMPLETE_RUN, {"run_id": run_id, "keep_images": keep_images}, _nothing)


FAIL_RUN: Final = """
select unwind.fail_run(run_id => %(run_id)s::pg_catalog.text, error => %(error)s::pg_catalog.text)"""


def fail_run(run_id: str, error: str) -> Command[None]:
    return Command(FAIL_RUN, {"run_id": run_id, "error": error}, _nothing)


ACT_AS: Final = """
select unwind.act_as(worker => %(worker)s::pg_catalog.text)"""


def act_as(worker: str) -> Command[None]:
    return Command(ACT_AS, {"worker": worker}, _nothing)


SET_WORKER: Final = "set local unwind.worker = %(worker)s"
"""What act_as does, without a call."""


OPEN_STEP: Final = """
call unwind_internal.open_step(
    run_id => %(run_id)s::pg_catalog.text,
    worker => %(worker)s::pg_catalog.text,
    step => %(step)s::pg_catalog.text,
    entity_key => %(entity_key)s::pg_catalog.text[]
)"""
"""The worker's word and the record."""


def open_step(run_id: str, step: str, key: Sequence[str], worker: str, enters: bool) -> Script:
    """What a step's transaction begins with: the worker's word, and the record if there is a key yet.

    Where the run captures, it is entered first.
    """
    word = ENTER_RUN if enters else SET_WORKER
    parameters: dict[str, Any] = {"run_id": run_id, "worker": worker}
    if not key:
        return Script((word,), parameters)
    parameters["step"] = step
    parameters["entity_key"] = _array(key)
    return Script((ENTER_RUN, RECORD_STEP) if enters else (OPEN_STEP,), parameters)


CLAIM_RUN: Final = """
select unwind.claim_run(
    run_id => %(run_id)s::pg_catalog.text,
    worker => %(worker)s::pg_catalog.text,
    lease => %(lease)s::pg_catalog.interval
)"""


def claim_run(run_id: str, worker: str, lease: timedelta) -> Command[bool]:
    return Command(CLAIM_RUN, {"run_id": run_id, "worker": worker, "lease": lease}, _scalar)


RENEW_CLAIM: Final = """
select unwind.renew_claim(
    run_id => %(run_id)s::pg_catalog.text,
    worker => %(worker)s::pg_catalog.text,
    lease => %(lease)s::pg_catalog.interval
)"""


def renew_claim(run_id: str, worker: str, lease: timedelta) -> Command[bool]:
    return Command(RENEW_CLAIM, {"run_id": run_id, "worker": worker, "lease": lease}, _scalar)


RELEASE_CLAIM: Final = """
select unwind.release_claim(run_id => %(run_id)s::pg_catalog.text, worker => %(worker)s::pg_catalog.text)"""


def release_claim(run_id: str, worker: str) -> Command[None]:
    return Command(RELEASE_CLAIM, {"run_id": run_id, "worker": worker}, _nothing)


def spoken(command: Command[T], worker: str | None) -> Command[T]:
    """The command as this worker says it, if one is given."""
    return command if worker is None else _after(SET_WORKER, {"worker": worker}, command)


LOCK_TIMEOUT: Final = """
select pg_catalog.set_config('lock_timeout', %(lock_timeout)s::pg_catalog.text, true)
where %(at_once)s::pg_catalog.bool or pg_catalog.current_setting('lock_timeout') operator(pg_catalog.=) '0'"""
"""Until the transaction ends, and not over a lock_timeout that the session has of its own, unless at once."""


def patient(command: Command[T], patience: Patience) -> Command[T]:
    """The command, with a bound to its waiting for locks."""
    return _after(LOCK_TIMEOUT, _lock_timeout(patience), command)


def _lock_timeout(patience: Patience) -> dict[str, Any]:
    milliseconds = max(1, round(1000 * patience.seconds))  # 0 would be no bound at all
    return {"lock_timeout": f"{milliseconds}ms", "at_once": patience.at_once}


FINISH_RUN: Final = """
call unwind_internal.finish_run(run_id => %(run_id)s::pg_catalog.text)"""
COMPLETE_AT_ONCE: Final = (SET_WORKER, "set local lock_timeout = '1ms'", FINISH_RUN)
COMPLETE_WITH_STEP: Final = (LOCK_TIMEOUT, FINISH_RUN)


def complete_at_once(run_id: str, worker: str) -> Script:
    """Complete a run without waiting for whoever holds it, which is an error then."""
    return Script(COMPLETE_AT_ONCE, {"worker": worker, "run_id": run_id})


def complete_with_step(run_id: str, lock_timeout: float) -> Script:
    """What the transaction of a last step ends with."""
    parameters = _lock_timeout(Patience(lock_timeout))
    return Script(COMPLETE_WITH_STEP, {**parameters, "run_id": run_id})


READ_COMMITTED: Final = "set transaction isolation level read committed"


def alone(command: Command[T]) -> Command[T]:
    """The command as it begins a transaction of its own."""
    return _after(READ_COMMITTED, {}, command) if command.read_committed else command


def inside(command: Command[T], run_id: str, worker: str) -> Command[T]:
    """The command, once its transaction has entered the run."""
    return _after(ENTER_RUN, enter_run(run_id, worker).parameters, command)


def _after(first: LiteralString, parameters: Mapping[str, Any], command: Command[T]) -> Command[T]:
    """The command after another statement, in one message: one transaction, also through any pooler."""
    merged = {**command.parameters, **parameters}
    return replace(command, sql=first + ";" + command.sql, parameters=merged, literal=True)


FIND_HOLDERS: Final = """
select pid, gid, login, application, state, since
from unwind.find_holders(run_id => %(run_id)s::pg_catalog.text)"""


def find_holders(run_id: str) -> Command[tuple[results.Holder, ...]]:
    return Command(FIND_HOLDERS, {"run_id": run_id}, _rows(results.Holder))


RUN_STEPS: Final = """
select step, pg_catalog.count(*)
from unwind.run_steps
where run_id operator(pg_catalog.=) %(run_id)s::pg_catalog.text
group by step
order by pg_catalog.min(recorded_at)"""
"""What was recorded, asked where this client cannot know."""


def recorded_keys(run_id: str) -> Command[dict[str, int]]:
    """How many keys each step of the run has recorded, by step, in their order."""
    return Command(RUN_STEPS, {"run_id": run_id}, lambda rows: {row[0]: row[1] for row in rows})


RUN_STEP: Final = """
select entity_key
from unwind.run_steps
where run_id operator(pg_catalog.=) %(run_id)s::pg_catalog.text
    and step operator(pg_catalog.=) %(step)s::pg_catalog.text
    and compensated_at is null
    and released_at is null
order by recorded_at, entity_key"""


def recorded_by(run_id: str, step: str) -> Command[tuple[tuple[str, ...], ...]]:
    """The keys that one step has recorded, and that are the run's still."""
    return Command(
        RUN_STEP, {"run_id": run_id, "step": step}, lambda rows: tuple(tuple(row[0]) for row in rows)
    )


CAPTURE_TABLE: Final = """
select unwind.capture_table(variadic table_names => %(table_names)s::pg_catalog.regclass[])"""


def capture_table(table_names: Sequence[str]) -> Command[None]:
    return Command(CAPTURE_TABLE, {"table_names": _array(table_names)}, _nothing, read_committed=True)


UNCAPTURE_TABLE: Final = """
select unwind.uncapture_table(variadic table_names => %(table_names)s::pg_catalog.regclass[])"""


def uncapture_table(table_names: Sequence[str]) -> Command[None]:
    return Command(UNCAPTURE_TABLE, {"table_names": _array(table_names)}, _nothing, read_committed=True)


BIND_ROLE: Final = """
select unwind.bind_role(role_name => %(role_name)s::pg_catalog.name)"""


def bind_role(role_name: str) -> Command[None]:
    return Command(BIND_ROLE, {"role_name": role_name}, _nothing, read_committed=True)


UNBIND_ROLE: Final = """
select unwind.unbind_role(role_name => %(role_name)s::pg_catalog.name)"""


def unbind_role(role_name: str) -> Command[None]:
    return Command(UNBIND_ROLE, {"role_name": role_name}, _nothing, read_committed=True)


IGNORE_COLUMNS: Final = """
select unwind.ignore_columns(
    table_name => %(table_name)s::pg_catalog.regclass,
    variadic columns => %(columns)s::pg_catalog.text[]
)"""


def ignore_columns(table_name: str, columns: Sequence[str]) -> Command[None]:
    parameters = {"table_name": table_name, "columns": _names("columns", columns)}
    return Command(IGNORE_COLUMNS, parameters, _nothing, read_committed=True)


FORGET_IMAGES: Final = """
select unwind.forget_images(run_ids => %(run_ids)s::pg_catalog.text[])"""


def forget_images(run_ids: Sequence[str]) -> Command[int]:
    return Command(FORGET_IMAGES, {"run_ids": _names("run_ids", run_ids)}, _scalar)


FIND_CHANGES: Final = """
select table_name, row_key, action, changed_columns, changed_by, before, after, now
from unwind.find_changes(
    run_id => %(run_id)s::pg_catalog.text,
    of_undo => %(of_undo)s::pg_catalog.bool,
    on_conflict => %(on_conflict)s::pg_catalog.text
)"""


def find_changes(
    run_id: str, of_undo: bool = False, on_conflict: results.OnConflict = "refuse"
) -> Command[tuple[results.Change, ...]]:
    parameters = {"run_id": run_id, "of_undo": of_undo, "on_conflict": on_conflict}
    return Command(FIND_CHANGES, parameters, _rows(results.Change))


FIND_UNCOVERED: Final = """
select table_name, row_key, action, changed_columns, changed_by, before, after, now
from unwind.find_uncovered(run_id => %(run_id)s::pg_catalog.text)"""


def find_uncovered(run_id: str) -> Command[tuple[results.Change, ...]]:
    return Command(FIND_UNCOVERED, {"run_id": run_id}, _rows(results.Change))


CHECK_CAPTURE: Final = """
select severity, code, object, message, fix
from unwind.check_capture()"""


def check_capture() -> Command[tuple[results.Finding, ...]]:
    return Command(CHECK_CAPTURE, {}, _rows(results.Finding))


PREVIEW_RUN: Final = """
select ordinal, step, table_name, row_count, statement, blocked_by, action
from unwind.preview_run(run_id => %(run_id)s::pg_catalog.text)
order by ordinal"""


def preview_run(run_id: str) -> Command[tuple[results.PreviewLine, ...]]:
    return Command(PREVIEW_RUN, {"run_id": run_id}, _rows(results.PreviewLine))


COMPENSATE_RUN: Final = """
select ordinal, step, table_name, rows_deleted, rows_reverted, rows_reinserted, rows_skipped
from unwind.compensate_run(
    run_id => %(run_id)s::pg_catalog.text,
    force => %(force)s::pg_catalog.bool,
    on_conflict => %(on_conflict)s::pg_catalog.text,
    max_rows => %(max_rows)s::pg_catalog.int8
)
order by ordinal"""


def compensate_run(
    run_id: str, force: bool = False, on_conflict: results.OnConflict = "refuse", max_rows: int | None = None
) -> Command[tuple[results.Receipt, ...]]:
    parameters = {"run_id": run_id, "force": force, "on_conflict": on_conflict, "max_rows": max_rows}
    return Command(COMPENSATE_RUN, parameters, _rows(results.Receipt), read_committed=True)


COMPENSATE_RUNS: Final = """
select run_id, rows_deleted, rows_reverted, rows_reinserted, rows_skipped
from unwind.compensate_runs(
    run_ids => %(run_ids)s::pg_catalog.text[],
    force => %(force)s::pg_catalog.bool,
    on_conflict => %(on_conflict)s::pg_catalog.text,
    max_rows => %(max_rows)s::pg_catalog.int8
)"""


def compensate_runs(
    run_ids: Sequence[str], force: bool, on_conflict: results.OnConflict, max_rows: int | None
) -> Command[tuple[results.RunTotal, ...]]:
    parameters = {
        "run_ids": _names("run_ids", run_ids),
        "force": force,
        "on_conflict": on_conflict,
        "max_rows": max_rows,
    }
    return Command(COMPENSATE_RUNS, parameters, _rows(results.RunTotal), read_committed=True)


RESTORE_RUN: Final = """
select ordinal, step, table_name, rows_deleted, rows_reverted, rows_reinserted, rows_skipped
from unwind.restore_run(
    run_id => %(run_id)s::pg_catalog.text,
    on_conflict => %(on_conflict)s::pg_catalog.text
)
order by ordinal"""


def restore_run(run_id: str, on_conflict: results.OnConflict) -> Command[tuple[results.Receipt, ...]]:
    parameters = {"run_id": run_id, "on_conflict": on_conflict}
    return Command(RESTORE_RUN, parameters, _rows(results.Receipt), read_committed=True)


RESTORE_RUNS: Final = """
select run_id, rows_deleted, rows_reverted, rows_reinserted, rows_skipped
from unwind.restore_runs(
    run_ids => %(run_ids)s::pg_catalog.text[],
    on_conflict => %(on_conflict)s::pg_catalog.text
)"""


def restore_runs(
    run_ids: Sequence[str], on_conflict: results.OnConflict
) -> Command[tuple[results.RunTotal, ...]]:
    parameters = {"run_ids": _names("run_ids", run_ids), "on_conflict": on_conflict}
    return Command(RESTORE_RUNS, parameters, _rows(results.RunTotal), read_committed=True)


COMPENSATE_STEP: Final = """
select ordinal, step, table_name, rows_deleted
from unwind.compensate_step(run_id => %(run_id)s::pg_catalog.text, step => %(step)s::pg_catalog.text)
order by ordinal"""


def compensate_step(run_id: str, step: str) -> Command[tuple[results.Receipt, ...]]:
    return Command(
        COMPENSATE_STEP, {"run_id": run_id, "step": step}, _rows(results.Receipt), read_committed=True
    )


REWIND_RUN: Final = """
select ordinal, step, table_name, rows_deleted
from unwind.rewind_run(run_id => %(run_id)s::pg_catalog.text, to_step => %(to_step)s::pg_catalog.text)
order by ordinal"""


def rewind_run(run_id: str, to_step: str) -> Command[tuple[results.Receipt, ...]]:
    return Command(
        REWIND_RUN, {"run_id": run_id, "to_step": to_step}, _rows(results.Receipt), read_committed=True
    )


COMPENSATE_RUN_IN_BATCHES: Final = """
call unwind.compensate_run_in_batches(
    run_id => %(run_id)s::pg_catalog.text,
    batch_size => %(batch_size)s::pg_catalog.int4,
    force => %(force)s::pg_catalog.bool
)"""


def compensate_run_in_batches(run_id: str, batch_size: int, force: bool) -> Command[None]:
    parameters = {"run_id": run_id, "batch_size": batch_size, "force": force}
    return Command(COMPENSATE_RUN_IN_BATCHES, parameters, _nothing, commits=True)


RECOVER_RUNS: Final = """
call unwind.recover_runs(
    workflow => %(workflow)s::pg_catalog.text,
    max_runs => %(max_runs)s::pg_catalog.int4,
    max_retries => %(max_retries)s::pg_catalog.int4
)"""


def recover_runs(workflow: str | None, max_runs: int, max_retries: int) -> Command[results.Recovery]:
    parameters = {"workflow": workflow, "max_runs": max_runs, "max_retries": max_retries}
    return Command(RECOVER_RUNS, parameters, lambda rows: results.Recovery(*rows[0]), commits=True)


PURGE_RUNS: Final = """
select unwind.purge_runs(
    older_than => %(older_than)s::pg_catalog.interval,
    workflow => %(workflow)s::pg_catalog.text,
    max_runs => %(max_runs)s::pg_catalog.int4,
    receipts => %(receipts)s::pg_catalog.bool,
    audit_log => %(audit_log)s::pg_catalog.bool
)"""


def purge_runs(
    older_than: timedelta, workflow: str | None, max_runs: int, receipts: bool, audit_log: bool
) -> Command[int]:
    parameters = {
        "older_than": older_than,
        "workflow": workflow,
        "max_runs": max_runs,
        "receipts": receipts,
        "audit_log": audit_log,
    }
    return Command(PURGE_RUNS, parameters, _scalar)


VERIFY_RUN: Final = """
select table_name, rows_left
from unwind.verify_run(run_id => %(run_id)s::pg_catalog.text)"""


def verify_run(run_id: str) -> Command[tuple[results.Leftover, ...]]:
    return Command(VERIFY_RUN, {"run_id": run_id}, _rows(results.Leftover))


FIND_ORPHANS: Final = """
select child_table, child_columns, parent_table, parent_columns, orphans, sample_keys
from unwind.find_orphans(workflow => %(workflow)s::pg_catalog.text)"""


def find_orphans(workflow: str | None) -> Command[tuple[results.Orphan, ...]]:
    return Command(FIND_ORPHANS, {"workflow": workflow}, _rows(results.Orphan))


CHECK_WORKFLOW: Final = """
select severity, code, object, message, fix
from unwind.check_workflow(workflow => %(workflow)s::pg_catalog.text)"""


def check_workflow(workflow: str) -> Command[tuple[results.Finding, ...]]:
    return Command(CHECK_WORKFLOW, {"workflow": workflow}, _rows(results.Finding), read_committed=True)


def _entity(run_id: str, step: str, entity_key: Sequence[Key]) -> dict[str, Any]:
    return {"run_id": run_id, "step": step, "entity_key": _array(key_texts(entity_key))}


def key_texts(key: Keys) -> tuple[str, ...]:
    """The values of a key, as the ledger keeps them."""
    if isinstance(key, tuple) or (isinstance(key, Sequence) and not isinstance(key, str)):
        return tuple([value if type(value) is str else _key_text(value) for value in key])
    return (_key_text(key),)


def _link(
    child_table: str, child_columns: Sequence[str], parent_table: str, parent_columns: Sequence[str]
) -> dict[str, Any]:
    return {
        "child_table": child_table,
        "child_columns": _names("child_columns", child_columns),
        "parent_table": parent_table,
        "parent_columns": _names("parent_columns", parent_columns),
    }


def _interval(duration: timedelta) -> str:
    return f"{duration.days} days {duration.seconds}.{duration.microseconds:06} seconds"


def _names(argument: str, names: Sequence[str]) -> str:
    if isinstance(names, str):  # a string is a sequence too, of letters
        raise TypeError(f"{argument} is a sequence of strings: write [{names!r}]")
    return _array(names)


def _array(values: Sequence[str]) -> str:
    """The values as PostgreSQL writes an array.

    Not as a list, which the client-side cursor would cast to an unqualified type: the search_path's.
    """
    inner = '","'.join(values)
    if "\\" in inner or inner.count('"') != 2 * len(values) - 2:
        inner = '","'.join([value.replace("\\", "\\\\").replace('"', '\\"') for value in values])
    return f'{{"{inner}"}}' if values else "{}"


def _key_text(value: Key) -> str:
    if isinstance(value, bool) or not isinstance(value, Key):
        raise TypeError(f"an entity key is made of str, int or UUID, not {type(value).__name__}")
    return str(value)


def _nothing(rows: Sequence[Row]) -> None:
    """Functions that return void have nothing to read."""


def _scalar(rows: Sequence[Row]) -> Any:
    return rows[0][0]


def _rows(cls: type[T]) -> Callable[[Sequence[Row]], tuple[T, ...]]:
    def read(rows: Sequence[Row]) -> tuple[T, ...]:
        return tuple(
            cls(*(tuple(value) if isinstance(value, list) else value for value in row)) for row in rows
        )

    return read
