-- PostgreSQL's own check of a foreign key refused: rows came between, or the key is newer than the plan.
-- Called in the handler of that error, whose message it passes on.
-- Errors: UW007, always.
create or replace function unwind_internal.raise_foreign_key_refused(
    run_ids text [], message text, detail text, schema_name text, table_name text, constraint_name text
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'rows of % still refer to what would be deleted', format('%I.%I', schema_name, table_name)
    using errcode = 'UW007',
        detail = concat_ws(' ', message || '.', detail),
        hint = format(
            'Undo first the runs that made them, or all at once where they depend on each other '
            '(unwind.compensate_runs); if constraint %I is new: select unwind.compile_workflow(workflow) '
            'from unwind.workflow_runs where id = any (%L);', constraint_name, run_ids::text
        ),
        table = format('%I.%I', schema_name, table_name),
        constraint = constraint_name;
end
$$;
