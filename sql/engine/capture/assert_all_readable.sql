-- The same of several tables, in one look: see assert_readable.
-- Errors: 42501.
create or replace function unwind_internal.assert_all_readable(tables regclass [])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
    perform unwind_internal.assert_readable(t.name)
    from unnest(tables) as t (name)
    where not has_table_privilege(t.name, 'SELECT') or row_security_active(t.name);
end
$$;
