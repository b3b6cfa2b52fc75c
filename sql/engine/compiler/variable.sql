-- The name of a statement's variable in generated functions, and of its CTE in a preview: after its step or table, and
-- apart from all others by the ordinal, which the suffix follows. Null for no statement.
create or replace function unwind_internal.variable(statement unwind.plan_statements, suffix text default '')
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name text := statement.step;
begin
    if statement.action not in ('keys', 'call') then
        v_name := coalesce((select c.relname from pg_class as c where c.oid = statement.target), 'tables');
    end if;
    if octet_length(v_name) > 40 then
        v_name := statement.action;
    end if;
    return quote_ident(v_name || '_' || statement.ordinal || suffix);
end
$$;
