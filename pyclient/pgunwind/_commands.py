"""A command is a call with its parameters and the way to read its rows. Nothing here does I/O."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, LiteralString, TypeVar
from uuid import UUID

from . import _calls, results

Key = str | int | UUID
"""One value of an entity key. It travels as text, as the ledger keeps it."""

Row = tuple[Any, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Command(Generic[T]):
    """One call of one SQL function."""

    sql: LiteralString
    parameters: Mapping[str, Any]
    read: Callable[[Sequence[Row]], T]
    commits: bool = False
    """A procedure that commits by itself: it runs in no transaction of ours."""
    several: bool = False
    """Several statements, sent as one message: one round trip. The answer is that of the last."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a command may wait for a lock."""

    seconds: float
    at_once: bool = False
    """Also where the session has a lock_timeout of its own."""


def schema_version() -> Command[int]:
    return Command(_calls.SCHEMA_VERSION, {}, _scalar)


def define_workflow(workflow: str, description: str | None, check_delete_right: bool | None) -> Command[None]:
    parameters = {
        "workflow": workflow,
        "description": description,
        "check_delete_right": check_delete_right,
    }
    return Command(_calls.DEFINE_WORKFLOW, parameters, _nothing)


def define_step(workflow: str, step: str, root_table: str, key_columns: Sequence[str]) -> Command[None]:
    parameters = {
        "workflow": workflow,
        "step": step,
        "root_table": root_table,
        "key_columns": _names("key_columns", key_columns),
    }
    return Command(_calls.DEFINE_STEP, parameters, _nothing)


def define_custom_step(workflow: str, step: str, compensation: str) -> Command[None]:
    parameters = {"workflow": workflow, "step": step, "compensation": compensation}
    return Command(_calls.DEFINE_CUSTOM_STEP, parameters, _nothing)


def declare_foreign_key(
    child_table: str,
    child_columns: Sequence[str],
    parent_table: str,
    parent_columns: Sequence[str],
    on_delete: str,
) -> Command[None]:
    parameters = _link(child_table, child_columns, parent_table, parent_columns)
    return Command(_calls.DECLARE_FOREIGN_KEY, {**parameters, "on_delete": on_delete}, _nothing)


def drop_foreign_key(
    child_table: str, child_columns: Sequence[str], parent_table: str, parent_columns: Sequence[str]
) -> Command[None]:
    parameters = _link(child_table, child_columns, parent_table, parent_columns)
    return Command(_calls.DROP_FOREIGN_KEY, parameters, _nothing)


def compile_workflow(workflow: str) -> Command[None]:
    return Command(_calls.COMPILE_WORKFLOW, {"workflow": workflow}, _nothing)


def drop_workflow(workflow: str) -> Command[None]:
    return Command(_calls.DROP_WORKFLOW, {"workflow": workflow}, _nothing)


def describe_workflow(workflow: str, format: str) -> Command[str]:
    return Command(_calls.DESCRIBE_WORKFLOW, {"workflow": workflow, "format": format}, _scalar)


def suggest_workflow(root_table: str, key_columns: Sequence[str]) -> Command[str]:
    parameters = {"root_table": root_table, "key_columns": _names("key_columns", key_columns)}
    return Command(_calls.SUGGEST_WORKFLOW, parameters, lambda rows: "".join(f"{line}\n" for (line,) in rows))


def start_run(
    workflow: str,
    run_id: str | None,
    business_key: str | None,
    metadata: Mapping[str, Any] | None,
    worker: str | None,
    lease: timedelta,
) -> Command[str]:
    parameters = {
        "workflow": workflow,
        "run_id": run_id,
        "business_key": business_key,
        "metadata": json.dumps(dict(metadata or {})),
        "worker": worker,
        "lease": lease,
    }
    return Command(_calls.START_RUN, parameters, _scalar)


def record_step(run_id: str, step: str, entity_key: Iterable[Key]) -> Command[None]:
    return Command(_calls.RECORD_STEP, _entity(run_id, step, entity_key), _nothing)


def record_if_new(run_id: str, step: str, entity_key: Iterable[Key]) -> Command[bool]:
    return Command(_calls.RECORD_IF_NEW, _entity(run_id, step, entity_key), _scalar)


def adopt_entity(run_id: str, step: str, entity_key: Iterable[Key]) -> Command[None]:
    return Command(_calls.ADOPT_ENTITY, _entity(run_id, step, entity_key), _nothing)


def release_entity(run_id: str, step: str, entity_key: Iterable[Key]) -> Command[None]:
    return Command(_calls.RELEASE_ENTITY, _entity(run_id, step, entity_key), _nothing)


def complete_run(run_id: str) -> Command[None]:
    return Command(_calls.COMPLETE_RUN, {"run_id": run_id}, _nothing)


def fail_run(run_id: str, error: str) -> Command[None]:
    return Command(_calls.FAIL_RUN, {"run_id": run_id, "error": error}, _nothing)


def act_as(worker: str) -> Command[None]:
    return Command(_calls.ACT_AS, {"worker": worker}, _nothing)


def open_step(run_id: str, step: str, entity_key: Sequence[Key], worker: str) -> tuple[Command[None], ...]:
    """What a step's transaction begins with: the worker's word, and the record if there is a key yet."""
    word = act_as(worker)
    return (word, record_step(run_id, step, entity_key)) if entity_key else (word,)


def claim_run(run_id: str, worker: str, lease: timedelta) -> Command[bool]:
    return Command(_calls.CLAIM_RUN, {"run_id": run_id, "worker": worker, "lease": lease}, _scalar)


def renew_claim(run_id: str, worker: str, lease: timedelta) -> Command[bool]:
    return Command(_calls.RENEW_CLAIM, {"run_id": run_id, "worker": worker, "lease": lease}, _scalar)


def release_claim(run_id: str, worker: str) -> Command[None]:
    return Command(_calls.RELEASE_CLAIM, {"run_id": run_id, "worker": worker}, _nothing)


def spoken(command: Command[T], worker: str) -> Command[T]:
    """The command as this worker says it."""
    return _after(_calls.ACT_AS, {"worker": worker}, command)


def patient(command: Command[T], patience: Patience) -> Command[T]:
    """The command, with a bound to its waiting for locks."""
    milliseconds = max(1, round(1000 * patience.seconds))  # 0 would be no bound at all
    parameters = {"lock_timeout": f"{milliseconds}ms", "at_once": patience.at_once}
    return _after(_calls.LOCK_TIMEOUT, parameters, command)


def _after(first: LiteralString, parameters: Mapping[str, Any], command: Command[T]) -> Command[T]:
    """The command after another statement, in one message: one transaction, also through any pooler."""
    merged = {**command.parameters, **parameters}
    return Command(first + ";" + command.sql, merged, command.read, several=True)


def find_holders(run_id: str) -> Command[tuple[results.Holder, ...]]:
    return Command(_calls.FIND_HOLDERS, {"run_id": run_id}, _rows(results.Holder))


def recorded_keys(run_id: str) -> Command[dict[str, int]]:
    """How many keys each step of the run has recorded."""
    return Command(_calls.RUN_STEPS, {"run_id": run_id}, lambda rows: {row[0]: row[1] for row in rows})


def preview_run(run_id: str) -> Command[tuple[results.PreviewLine, ...]]:
    return Command(_calls.PREVIEW_RUN, {"run_id": run_id}, _rows(results.PreviewLine))


def compensate_run(
    run_id: str, force: bool = False, max_rows: int | None = None
) -> Command[tuple[results.Receipt, ...]]:
    parameters = {"run_id": run_id, "force": force, "max_rows": max_rows}
    return Command(_calls.COMPENSATE_RUN, parameters, _rows(results.Receipt))


def compensate_runs(
    run_ids: Sequence[str], force: bool, max_rows: int | None
) -> Command[tuple[results.RunTotal, ...]]:
    parameters = {"run_ids": _names("run_ids", run_ids), "force": force, "max_rows": max_rows}
    return Command(_calls.COMPENSATE_RUNS, parameters, _rows(results.RunTotal))


def compensate_step(run_id: str, step: str) -> Command[tuple[results.Receipt, ...]]:
    return Command(_calls.COMPENSATE_STEP, {"run_id": run_id, "step": step}, _rows(results.Receipt))


def rewind_run(run_id: str, to_step: str) -> Command[tuple[results.Receipt, ...]]:
    return Command(_calls.REWIND_RUN, {"run_id": run_id, "to_step": to_step}, _rows(results.Receipt))


def compensate_run_in_batches(run_id: str, batch_size: int, force: bool) -> Command[None]:
    parameters = {"run_id": run_id, "batch_size": batch_size, "force": force}
    return Command(_calls.COMPENSATE_RUN_IN_BATCHES, parameters, _nothing, commits=True)


def recover_runs(workflow: str | None, max_runs: int, max_retries: int) -> Command[results.Recovery]:
    parameters = {"workflow": workflow, "max_runs": max_runs, "max_retries": max_retries}
    return Command(_calls.RECOVER_RUNS, parameters, lambda rows: results.Recovery(*rows[0]), commits=True)


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
    return Command(_calls.PURGE_RUNS, parameters, _scalar)


def verify_run(run_id: str) -> Command[tuple[results.Leftover, ...]]:
    return Command(_calls.VERIFY_RUN, {"run_id": run_id}, _rows(results.Leftover))


def find_orphans(workflow: str | None) -> Command[tuple[results.Orphan, ...]]:
    return Command(_calls.FIND_ORPHANS, {"workflow": workflow}, _rows(results.Orphan))


def check_workflow(workflow: str) -> Command[tuple[results.Finding, ...]]:
    return Command(_calls.CHECK_WORKFLOW, {"workflow": workflow}, _rows(results.Finding))


def _entity(run_id: str, step: str, entity_key: Iterable[Key]) -> dict[str, Any]:
    key = _array([_key_text(value) for value in entity_key])
    return {"run_id": run_id, "step": step, "entity_key": key}


def _link(
    child_table: str, child_columns: Sequence[str], parent_table: str, parent_columns: Sequence[str]
) -> dict[str, Any]:
    return {
        "child_table": child_table,
        "child_columns": _names("child_columns", child_columns),
        "parent_table": parent_table,
        "parent_columns": _names("parent_columns", parent_columns),
    }


def _names(argument: str, names: Sequence[str]) -> str:
    if isinstance(names, str):  # a string is a sequence too, of letters
        raise TypeError(f"{argument} is a sequence of strings: write [{names!r}]")
    return _array(names)


def _array(values: Iterable[object]) -> str:
    """The values as PostgreSQL writes an array.

    Not as a list, which the client-side cursor would cast to an unqualified type: the search_path's.
    """
    quoted = (str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


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
