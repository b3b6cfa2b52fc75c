-- The source of the generated function as it is in the database; null where it is gone.
create or replace function unwind_internal.compiled_body(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select p.prosrc
    from unwind.workflows as w
    -- Not to_regproc, which is an error for those who may not enter the schema.
    inner join pg_namespace as n on n.nspname = 'unwind_compiled'
    inner join pg_proc as p on p.oid::regproc::text = w.compensation
    where w.workflow = compiled_body.workflow and p.pronamespace = n.oid
$$;
