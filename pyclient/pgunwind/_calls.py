"""The only SQL of the client: one call per function of schema unwind.

Named notation, so that each reads as the function's signature; every argument is cast, so that no parameter
leaves the server in doubt. What the functions do stands in sql/engine, a file for each.
"""

from typing import Final

SCHEMA_VERSION: Final = "select unwind.schema_version()"

# Catalog

DEFINE_WORKFLOW: Final = """
select unwind.define_workflow(
    workflow => %(workflow)s::pg_catalog.text,
    description => %(description)s::pg_catalog.text
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
    lease => %(lease)s::interval
)"""

RECORD_STEP: Final = """
select unwind.record_step(
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
    lease => %(lease)s::interval
)"""

RENEW_CLAIM: Final = """
select unwind.renew_claim(
    run_id => %(run_id)s::pg_catalog.text,
    worker => %(worker)s::pg_catalog.text,
    lease => %(lease)s::interval
)"""

RELEASE_CLAIM: Final = """
select unwind.release_claim(run_id => %(run_id)s::pg_catalog.text, worker => %(worker)s::pg_catalog.text)"""

# Back

PREVIEW_RUN: Final = """
select ordinal, step, table_name, row_count, statement
from unwind.preview_run(run_id => %(run_id)s::pg_catalog.text)
order by ordinal"""

COMPENSATE_RUN: Final = """
select ordinal, step, table_name, rows_deleted
from unwind.compensate_run(run_id => %(run_id)s::pg_catalog.text, force => %(force)s::boolean)
order by ordinal"""

COMPENSATE_RUNS: Final = """
select run_id, rows_deleted
from unwind.compensate_runs(run_ids => %(run_ids)s::pg_catalog.text[], force => %(force)s::boolean)"""

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
    batch_size => %(batch_size)s::int,
    force => %(force)s::boolean
)"""

RECOVER_RUNS: Final = """
call unwind.recover_runs(
    workflow => %(workflow)s::pg_catalog.text,
    max_runs => %(max_runs)s::int,
    max_retries => %(max_retries)s::int
)"""

PURGE_RUNS: Final = """
select unwind.purge_runs(
    older_than => %(older_than)s::interval,
    workflow => %(workflow)s::pg_catalog.text,
    max_runs => %(max_runs)s::int,
    receipts => %(receipts)s::boolean
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
