-- What stands in the way of an undo of these runs, or of these of their steps: rows that refer to what would go and
-- would stay (refuse), and rows that would go and are another run's (guard). A line for each plan statement that finds
-- some, or for the first alone: how many, and up to ten of them by key with the run that each is of.
create or replace function unwind_internal.blocking_rows(
    workflow text, run_ids text [], only_steps text [] default null, only_first boolean default false
)
returns table (statement unwind.plan_statements, row_count bigint, keys text, owners text [], some_unowned boolean)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set row_security = off
set jit = off
as $$
declare
    v_anchors text := unwind_internal.render_anchors(
        workflow, unwind_internal.render_live_condition(run_ids, only_steps)
    );
begin
    for statement in
        select p.* from unwind.plan_statements as p
        where p.workflow = blocking_rows.workflow and p.action in ('refuse', 'guard')
        order by p.ordinal
    loop
        -- What is to be told of them is written where there are some: it takes much longer.
        execute v_anchors || 'select count(*) from ' || unwind_internal.render_blocked(statement, run_ids)
        into row_count;
        if row_count > 0 then
            execute v_anchors || unwind_internal.render_blocking(statement, run_ids)
            into keys, owners, some_unowned;
            if row_count > 10 then
                keys := format('%s, and %s more', keys, row_count - 10);
            end if;
            return next;
            exit when only_first;
        end if;
    end loop;
end
$$;
