-- How tables are reached from the parents planned before them, and, where one join cannot say which of their rows
-- go, the capture of those rows' referenced columns. Several tables: those that a cycle has in this step. Where
-- PostgreSQL would delete or clear what refers to them by itself, the rows are locked before anything below them is
-- looked at: a row in flight there would else go, once its transaction ends, without a look at its owner and without
-- a receipt. So are rows that one statement deletes from several places, for it knows them by where they lie; and rows
-- that two undos can want (is_shared), for then the second does not meet in another order what hangs below them.
create or replace function unwind_internal.plan_reach(
    workflow text, step text, tables regclass [], in_cycle boolean
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_locked regclass [];
    v_outer int;
begin
    perform unwind_internal.assert_whole(t.name) from unnest(tables) as t (name);
    perform unwind_internal.add_ways(workflow, step, tables, false);
    v_locked := array(
        select t.name from unnest(tables) as t (name)
        where in_cycle
            or unwind_internal.deletes_by_itself(t.name)
            or unwind_internal.is_entangled(workflow, step, t.name)
            or unwind_internal.is_shared(workflow, t.name) and exists (
                select from unwind_internal.plan_links as f
                where f.workflow = plan_reach.workflow and f.parent_table = t.name and f.on_delete = 'cascade'
            )
    );
    perform unwind_internal.plan_over_ways(workflow, step, l.name, 'lock') from unnest(v_locked) as l (name);
    if in_cycle or unwind_internal.needs_capture(workflow, step, tables[1]) then
        v_outer := max(w.way) from unwind_internal.plan_ways as w where w.workflow = plan_reach.workflow;
        perform unwind_internal.plan_captures(workflow, step, tables);
        perform unwind_internal.add_ways(workflow, step, tables, true);
        perform unwind_internal.plan_over_ways(workflow, step, l.name, 'lock', after_way => v_outer)
        from unnest(v_locked) as l (name);
    end if;
end
$$;
