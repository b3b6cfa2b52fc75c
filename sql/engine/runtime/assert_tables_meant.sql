-- Whoever records a step writes to its root tables by names that his search_path resolves. Where the bare name of a
-- root is another table to him, as where each tenant has a schema, the rows he writes are not those that would be
-- undone.
-- Errors: UW009.
create or replace function unwind_internal.assert_tables_meant(roots unwind.plan_statements [], callers_path text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.plan_statements;
    v_other text;
    v_schema name;
begin
    foreach v_root in array roots loop
        select format('%I.%I', n.nspname, c.relname) into v_other
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        where c.oid = unwind_internal.other_table_meant(v_root.target, callers_path);
        continue when not found;
        select n.nspname into v_schema
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        where c.oid = v_root.target;
        raise '% is not the table that step % undoes: that is %', v_other, quote_literal(v_root.step), v_root.target
        using errcode = 'UW009',
            detail = format('Under search_path = %s the bare name means the former.', callers_path),
            hint = format('If %s is meant: set local search_path = %I; if %s is, it needs a workflow of its own.',
                v_root.target, v_schema, v_other),
            table = v_root.target::text;
    end loop;
end
$$;
