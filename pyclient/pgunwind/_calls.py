"""The only SQL of the client: one call per function of schema unwind.

Named notation, so that each reads as the function's signature; every argument is cast, so that no parameter
leaves the server in doubt. Everything is qualified, types and operators too, so that nothing of the session's
search_path is ever called. What the functions do stands in sql/engine, a file for each.
"""

from typing import Final

SCHEMA_VERSION: Final = "select unwind.schema_version()"

# Catalog

DEFINE_WORKFLOW: Final = """
select unwind.define_workflow(
    workflow => %(workflow)s::pg_catalog.text,
    description => %(description)s::pg_catalog.text,
    check_delete_right => %(check_delete_right)s::pg_catalog.bool
)"""

DEFINE_STEP: Final = """
select unwind.define_step(
    workflow => %(workflow)s::pg_catalog.text,
    step => %(step)s::pg_catalog.text,
    root_table => %(root_table)s::pg_catalog.regclass,
    variadic key_columns => %(key_columns)s::pg_catalog.text[]
)"""

DEFINE_CUSTOM_STEP: Final = """
select unwind.define_custom_step(
    workflow => %(workflow)s::pg_catalog.text,
    step => %(step)s::pg_catalog.text,
    compensation => %(compensation)s::pg_catalog.regprocedure
)"""

DECLARE_FOREIGN_KEY: Final = """
select unwind.declare_foreign_key(
    child_table => %(child_table)s::pg_catalog.regclass,
    child_columns => %(child_columns)s::pg_catalog.text[],
    parent_table => %(parent_table)s::pg_catalog.regclass,
    parent_columns => %(parent_columns)s::pg_catalog.text[],
    on_delete => %(on_delete)s::pg_catalog.text
)"""

DROP_FOREIGN_KEY: Final = """
select unwind.drop_foreign_key(
    child_table => %(child_table)s::pg_catalog.regclass,
    child_columns => %(child_columns)s::pg_catalog.text[],
    parent_table => %(parent_table)s::pg_catalog.regclass,
    parent_columns => %(parent_columns)s::pg_catalog.text[]
)"""

COMPILE_WORKFLOW: Final = """
select unwind.compile_workflow(workflow => %(workflow)s::pg_catalog.text)"""

DROP_WORKFLOW: Final = """
select unwind.drop_workflow(workflow => %(workflow)s::pg_catalog.text)"""

DESCRIBE_WORKFLOW: Final = """
select unwind.describe_workflow(
    workflow => %(workflow)s::pg_catalog.text,
    format => %(format)s::pg_catalog.text
)"""

SUGGEST_WORKFLOW: Final = """
select unwind.suggest_workflow(
    root_table => %(root_table)s::pg_catalog.regclass,
    variadic key_columns => %(key_columns)s::pg_catalog.text[]
)"""

# Forward

START_RUN: Final = """
select unwind.start_run(
    workflow => %(workflow)s::pg_catalog.text,
    run_id => %(run_id)s::pg_catalog.text,
    business_key => %(business_key)s::pg_catalog.text,
    metadata => %(metadata)s::pg_catalog.jsonb,
    worker => %(worker)s::pg_catalog.text,
    lease => %(lease)s::pg_catalog.interval
)"""

RECORD_STEP: Final = """
select unwind.record_step(
    run_id => %(run_id)s::pg_catalog.text,
    step => %(step)s::pg_catalog.text,
    variadic entity_key => %(entity_key)s::pg_catalog.text[]
)"""

RECORD_IF_NEW: Final = """
select unwind.record_if_new(
    run_id => %(run_id)s::pg_catalog.text,
    step => %(step)s::pg_catalog.text,
    variadic entity_key => %(entity_key)s::pg_catalog.text[]
)"""

ADOPT_ENTITY: Final = """
select unwind.adopt_entity(
    run_id => %(run_id)s::pg_catalog.text,
    step => %(step)s::pg_catalog.text,
    variadic entity_key => %(entity_key)s::pg_catalog.text[]
)"""

RELEASE_ENTITY: Final = """
select unwind.release_entity(
    run_id => %(run_id)s::pg_catalog.text,
    step => %(step)s::pg_catalog.text,
    variadic entity_key => %(entity_key)s::pg_catalog.text[]
)"""

COMPLETE_RUN: Final = """
select unwind.complete_run(run_id => %(run_id)s::pg_catalog.text)"""

FAIL_RUN: Final = """
select unwind.fail_run(run_id => %(run_id)s::pg_catalog.text, error => %(error)s::pg_catalog.text)"""

ACT_AS: Final = """
select unwind.act_as(worker => %(worker)s::pg_catalog.text)"""

# Claims

CLAIM_RUN: Final = """
select unwind.claim_run(
    run_id => %(run_id)s::pg_catalog.text,
    worker => %(worker)s::pg_catalog.text,
    lease => %(lease)s::pg_catalog.interval
)"""

RENEW_CLAIM: Final = """
select unwind.renew_claim(
    run_id => %(run_id)s::pg_catalog.text,
    worker => %(worker)s::pg_catalog.text,
    lease => %(lease)s::pg_catalog.interval
)"""

RELEASE_CLAIM: Final = """
select unwind.release_claim(run_id => %(run_id)s::pg_catalog.text, worker => %(worker)s::pg_catalog.text)"""

FIND_HOLDERS: Final = """
select pid, gid, login, application, state, since
from unwind.find_holders(run_id => %(run_id)s::pg_catalog.text)"""

# Back

PREVIEW_RUN: Final = """
select ordinal, step, table_name, row_count, statement
from unwind.preview_run(run_id => %(run_id)s::pg_catalog.text)
order by ordinal"""

COMPENSATE_RUN: Final = """
select ordinal, step, table_name, rows_deleted
from unwind.compensate_run(
    run_id => %(run_id)s::pg_catalog.text,
    force => %(force)s::pg_catalog.bool,
    max_rows => %(max_rows)s::pg_catalog.int8
)
order by ordinal"""

COMPENSATE_RUNS: Final = """
select run_id, rows_deleted
from unwind.compensate_runs(
    run_ids => %(run_ids)s::pg_catalog.text[],
    force => %(force)s::pg_catalog.bool,
    max_rows => %(max_rows)s::pg_catalog.int8
)"""

COMPENSATE_STEP: Final = """
select ordinal, step, table_name, rows_deleted
from unwind.compensate_step(run_id => %(run_id)s::pg_catalog.text, step => %(step)s::pg_catalog.text)
order by ordinal"""

REWIND_RUN: Final = """
select ordinal, step, table_name, rows_deleted
from unwind.rewind_run(run_id => %(run_id)s::pg_catalog.text, to_step => %(to_step)s::pg_catalog.text)
order by ordinal"""

COMPENSATE_RUN_IN_BATCHES: Final = """
call unwind.compensate_run_in_batches(
    run_id => %(run_id)s::pg_catalog.text,
    batch_size => %(batch_size)s::pg_catalog.int4,
    force => %(force)s::pg_catalog.bool
)"""

RECOVER_RUNS: Final = """
call unwind.recover_runs(
    workflow => %(workflow)s::pg_catalog.text,
    max_runs => %(max_runs)s::pg_catalog.int4,
    max_retries => %(max_retries)s::pg_catalog.int4
)"""

PURGE_RUNS: Final = """
select unwind.purge_runs(
    older_than => %(older_than)s::pg_catalog.interval,
    workflow => %(workflow)s::pg_catalog.text,
    max_runs => %(max_runs)s::pg_catalog.int4,
    receipts => %(receipts)s::pg_catalog.bool,
    audit_log => %(audit_log)s::pg_catalog.bool
)"""

# Proof

VERIFY_RUN: Final = """
select table_name, rows_left
from unwind.verify_run(run_id => %(run_id)s::pg_catalog.text)"""

FIND_ORPHANS: Final = """
select child_table, child_columns, parent_table, parent_columns, orphans, sample_keys
from unwind.find_orphans(workflow => %(workflow)s::pg_catalog.text)"""

CHECK_WORKFLOW: Final = """
select severity, code, object, message, fix
from unwind.check_workflow(workflow => %(workflow)s::pg_catalog.text)"""

# Not calls of ours

LOCK_TIMEOUT: Final = """
select pg_catalog.set_config('lock_timeout', %(lock_timeout)s::pg_catalog.text, true)
where %(at_once)s::pg_catalog.bool or pg_catalog.current_setting('lock_timeout') operator(pg_catalog.=) '0'"""
"""Until the transaction ends, and not over a lock_timeout that the session has of its own, unless at once."""

RUN_STEPS: Final = """
select step, pg_catalog.count(*)
from unwind.run_steps
where run_id operator(pg_catalog.=) %(run_id)s::pg_catalog.text
group by step"""
"""What was recorded, asked where the answer to an undo leaves it open."""
