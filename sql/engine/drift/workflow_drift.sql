-- In what the tables of a workflow are not any more as its plan takes them to be: see drift.
create or replace function unwind_internal.workflow_drift(workflow text)
returns text []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(d.line order by t.table_name, d.line), '{}')
    from unwind_internal.planned_tables as t
    cross join unwind_internal.table_drift(t, false) as d (line)
    where t.workflow = workflow_drift.workflow
$$;
