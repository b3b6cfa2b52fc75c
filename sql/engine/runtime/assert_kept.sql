-- A row that was released stays only if no other key of the run leads to it: the plan's deletions are put to the keys
-- that are left, and none may find it.
-- Errors: UW007, naming the way.
create or replace function unwind_internal.assert_kept(run_id text, step text, entity_key text [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off
set jit = off
as $$
declare
    v_workflow text := (unwind_internal.known_run(run_id)).workflow;
    v_anchors text := unwind_internal.render_anchors(v_workflow, unwind_internal.render_live_condition(array[run_id]));
    v_statement unwind.plan_statements;
    v_root unwind.plan_statements;
    v_parent text [];
begin
    for v_root in
        select p.* from unwind.plan_statements as p
        where p.workflow = v_workflow and p.step = assert_kept.step and p.action = 'keys'
        order by p.ordinal
    loop
        for v_statement in
            select p.* from unwind.plan_statements as p
            where p.workflow = v_workflow and p.action = 'delete'
                and p.target in (select unwind_internal.kin(v_root.target))
            order by p.ordinal
        loop
            execute v_anchors || unwind_internal.render_ways_to(v_statement, v_root, entity_key) into v_parent;
            if v_parent is not null then
                perform unwind_internal.raise_still_reached(run_id, v_root, entity_key, v_statement, v_parent);
            end if;
        end loop;
    end loop;
end
$$;
