-- Before the first batch is committed: whatever would refuse the undo of the whole run, now, refuses it here. Rows
-- that go before the check comes, in the order of the plan, do not count.
-- Errors: UW007.
create or replace function unwind_internal.assert_no_dependents(run unwind.workflow_runs)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off
set jit = off
as $$
declare
    v_statement unwind.plan_statements;
    v_anchors text := unwind_internal.render_anchors(run.workflow, unwind_internal.render_live_condition(run.id));
    v_rows bigint;
    v_sample text;
    v_owner text;
    v_sources text;
    v_condition text;
begin
    for v_statement in
        select p.* from unwind.plan_statements as p
        where p.workflow = run.workflow and p.action in ('refuse', 'guard')
        order by p.ordinal
    loop
        if v_statement.action = 'refuse' then
            execute v_anchors || format(
                'select count(*), min(concat_ws('', '', %s)) from %s',
                (select string_agg(format('t.%I', c.name), ', ') from unnest(v_statement.columns) as c (name)),
                unwind_internal.render_rows(v_statement, 'delete')
            ) into v_rows, v_sample;
            if v_rows > 0 then
                perform unwind_internal.raise_dependents(
                    v_statement.target::text, array_to_string(v_statement.columns, ', '), v_rows, v_sample, array[run.id]
                );
            end if;
        else
            select r.sources, r.condition into v_sources, v_condition
            from unwind_internal.rows_over_ctes(v_statement) as r;
            execute v_anchors || unwind_internal.render_guard_query(
                v_statement, null, v_sources, v_condition, format('%L::pg_catalog.text[]', array[run.id])
            ) into v_sample, v_owner;
            if v_owner is not null then
                perform unwind_internal.raise_owned_elsewhere(v_statement.target::text, v_sample, v_owner);
            end if;
        end if;
    end loop;
end
$$;
