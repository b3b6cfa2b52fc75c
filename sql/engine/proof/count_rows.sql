-- How many rows a plan statement would touch that no earlier one of the same kind would; null for a custom step.
create or replace function unwind_internal.count_rows(statement unwind.plan_statements, ledger text)
returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set row_security = off
set jit = off
as $$
declare
    v_rows bigint;
    v_query text;
begin
    if statement.action = 'call' then
        return null;
    end if;
    select string_agg(
        unwind_internal.render_select(
            't.tableoid, t.ctid', p.target, unwind_internal.render_sources(p, 'a' || p.anchor), p.condition
        ), ' except ' order by p.ordinal desc
    ) into v_query
    from unwind.plan_statements as p
    where p.workflow = statement.workflow
        and p.action = statement.action
        and p.target = statement.target
        and p.ordinal <= statement.ordinal;
    execute unwind_internal.render_anchors(statement.workflow, ledger)
        || format('select count(*) from (%s) as rows_of_it', v_query)
    into v_rows;
    return v_rows;
end
$$;
