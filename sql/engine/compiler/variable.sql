-- The name of a statement's variable in generated functions, and of its CTE in a preview: after its step or table, and
-- apart from all others by the ordinal, which the suffix follows. Null for no statement. Asked
-- for often: in PL/pgSQL it is planned once.
create or replace function unwind_internal.variable(statement unwind.plan_statements, suffix text default '')
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select format('%I', case when octet_length(n.name) <= 40 then n.name else (statement).action end
            || '_' || (statement).ordinal || variable.suffix)
        from (
            select case
                when (statement).action in ('keys', 'call') then (statement).step
                else coalesce((select c.relname from pg_class as c where c.oid = (statement).target), 'tables')
            end as name
        ) as n
        where (statement).ordinal is not null
    );
end
$$;
