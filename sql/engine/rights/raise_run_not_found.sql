-- Errors: UW001, always.
create or replace function unwind_internal.raise_run_not_found(run_id text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'run % not found', coalesce(quote_literal(run_id), 'null')
    using errcode = 'UW001',
        detail = 'No row of unwind.workflow_runs has this id.',
        hint = 'select id, workflow, business_key, status from unwind.workflow_runs order by created_at desc limit 20;';
end
$$;
