-- Whether a root is as it was planned, and its keys can be recorded by the generated function. As as_planned, declared
-- immutable on purpose: PostgreSQL asks when it plans the expression or statement that this stands in, again when the
-- table changes in any way, and at no other time.
create or replace function unwind_internal.root_as_planned(workflow text, digest text, target regclass)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return unwind_internal.is_root_as_planned(workflow, digest, target);
end
$$;
