"""The only SQL of the client: one call per function of schema unwind.

Named notation, so that each reads as the function's signature; every argument is cast, so that no parameter
leaves the server in doubt. What the functions do stands in sql/engine, a file for each.
"""

from typing import Final

SCHEMA_VERSION: Final = "select unwind.schema_version()"

# Catalog

DEFINE_WORKFLOW: Final = """
select unwind.define_workflow(
    workflow => %(workflow)s::text,
    description => %(description)s::text
)"""

DEFINE_STEP: Final = """
select unwind.define_step(
    workflow => %(workflow)s::text,
    step => %(step)s::text,
    root_table => %(root_table)s::regclass,
    variadic key_columns => %(key_columns)s::text[]
)"""

DEFINE_CUSTOM_STEP: Final = """
select unwind.define_custom_step(
    workflow => %(workflow)s::text,
    step => %(step)s::text,
    compensation => %(compensation)s::regprocedure
)"""

DECLARE_FOREIGN_KEY: Final = """
select unwind.declare_foreign_key(
    child_table => %(child_table)s::regclass,
    child_columns => %(child_columns)s::text[],
    parent_table => %(parent_table)s::regclass,
    parent_columns => %(parent_columns)s::text[],
    on_delete => %(on_delete)s::text
)"""

DROP_FOREIGN_KEY: Final = """
select unwind.drop_foreign_key(
    child_table => %(child_table)s::regclass,
    child_columns => %(child_columns)s::text[],
    parent_table => %(parent_table)s::regclass,
    parent_columns => %(parent_columns)s::text[]
)"""

COMPILE_WORKFLOW: Final = """
select unwind.compile_workflow(workflow => %(workflow)s::text)"""

DROP_WORKFLOW: Final = """
select unwind.drop_workflow(workflow => %(workflow)s::text)"""

DESCRIBE_WORKFLOW: Final = """
select unwind.describe_workflow(workflow => %(workflow)s::text, format => %(format)s::text)"""

SUGGEST_WORKFLOW: Final = """
select unwind.suggest_workflow(
    root_table => %(root_table)s::regclass,
    variadic key_columns => %(key_columns)s::text[]
)"""

# Forward

START_RUN: Final = """
select unwind.start_run(
    workflow => %(workflow)s::text,
    run_id => %(run_id)s::text,
    business_key => %(business_key)s::text,
    metadata => %(metadata)s::jsonb,
    worker => %(worker)s::text,
    lease => %(lease)s::interval
)"""

RECORD_STEP: Final = """
select unwind.record_step(
    run_id => %(run_id)s::text,
    step => %(step)s::text,
    variadic entity_key => %(entity_key)s::text[]
)"""

COMPLETE_RUN: Final = """
select unwind.complete_run(run_id => %(run_id)s::text)"""

FAIL_RUN: Final = """
select unwind.fail_run(run_id => %(run_id)s::text, error => %(error)s::text)"""

ACT_AS: Final = """
select unwind.act_as(worker => %(worker)s::text)"""

# Claims

CLAIM_RUN: Final = """
select unwind.claim_run(
    run_id => %(run_id)s::text,
    worker => %(worker)s::text,
    lease => %(lease)s::interval
)"""

RENEW_CLAIM: Final = """
select unwind.renew_claim(
    run_id => %(run_id)s::text,
    worker => %(worker)s::text,
    lease => %(lease)s::interval
)"""

RELEASE_CLAIM: Final = """
select unwind.release_claim(run_id => %(run_id)s::text, worker => %(worker)s::text)"""

# Back

PREVIEW_RUN: Final = """
select ordinal, step, table_name, row_count, statement
from unwind.preview_run(run_id => %(run_id)s::text)
order by ordinal"""

COMPENSATE_RUN: Final = """
select ordinal, step, table_name, rows_deleted
from unwind.compensate_run(run_id => %(run_id)s::text, force => %(force)s::boolean)
order by ordinal"""

COMPENSATE_RUNS: Final = """
select run_id, rows_deleted
from unwind.compensate_runs(run_ids => %(run_ids)s::text[], force => %(force)s::boolean)"""

COMPENSATE_STEP: Final = """
select ordinal, step, table_name, rows_deleted
from unwind.compensate_step(run_id => %(run_id)s::text, step => %(step)s::text)
order by ordinal"""

REWIND_RUN: Final = """
select ordinal, step, table_name, rows_deleted
from unwind.rewind_run(run_id => %(run_id)s::text, to_step => %(to_step)s::text)
order by ordinal"""

COMPENSATE_RUN_IN_BATCHES: Final = """
call unwind.compensate_run_in_batches(
    run_id => %(run_id)s::text,
    batch_size => %(batch_size)s::int,
    force => %(force)s::boolean
)"""

RECOVER_RUNS: Final = """
call unwind.recover_runs(
    workflow => %(workflow)s::text,
    max_runs => %(max_runs)s::int,
    max_retries => %(max_retries)s::int
)"""

PURGE_RUNS: Final = """
select unwind.purge_runs(
    older_than => %(older_than)s::interval,
    workflow => %(workflow)s::text,
    max_runs => %(max_runs)s::int,
    receipts => %(receipts)s::boolean
)"""

# Proof

VERIFY_RUN: Final = """
select table_name, rows_left
from unwind.verify_run(run_id => %(run_id)s::text)"""

FIND_ORPHANS: Final = """
select child_table, child_columns, parent_table, parent_columns, orphans, sample_keys
from unwind.find_orphans(workflow => %(workflow)s::text)"""

CHECK_WORKFLOW: Final = """
select severity, code, object, message, fix
from unwind.check_workflow(workflow => %(workflow)s::text)"""
