-- The other runs whose rows stand in the way of an undo of these runs of a workflow, by the table that they are in:
-- they refer to what would go (refuse), or would go with it (guard).
create or replace function unwind_internal.blocking_runs(workflow text, run_ids text [])
returns table (run_id text, target regclass, action text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set row_security = off
set jit = off
as $$
declare
    v_anchors constant text := unwind_internal.render_anchors(
        workflow, unwind_internal.render_live_condition(run_ids)
    );
    v_statement unwind.plan_statements;
    v_blocked text;
    v_is_blocked boolean;
begin
    for v_statement in
        select p.* from unwind.plan_statements as p
        where p.workflow = blocking_runs.workflow and p.action in ('refuse', 'guard')
        order by p.ordinal
    loop
        v_blocked := unwind_internal.render_blocked(v_statement, run_ids);
        -- Whose they are is written where there are some: it takes much longer.
        execute v_anchors || 'select exists (select from ' || v_blocked || ')' into v_is_blocked;
        if v_is_blocked then
            target := v_statement.target;
            action := v_statement.action;
            for run_id in execute v_anchors || format(
                'select distinct b.run from (select %s as run from %s) as b where b.run is not null order by b.run',
                unwind_internal.render_run_of(target, format('%L::text[]', run_ids)), v_blocked
            )
            loop
                return next;
            end loop;
        end if;
    end loop;
end
$$;
