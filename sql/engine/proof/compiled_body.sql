-- The source of a generated function as it is in the database: for one run, for many, or that which
-- records; null where it is gone.
create or replace function unwind_internal.compiled_body(workflow text, kind text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    -- Not by to_regproc, which is an error for those who may not enter the schema.
    select p.prosrc
    from pg_proc as p
    where p.pronamespace = (select n.oid from pg_namespace as n where n.nspname = 'unwind_compiled')
        and format('unwind_compiled.%I', p.proname)
        = unwind_internal.function_name(compiled_body.workflow, compiled_body.kind)
$$;
