-- How tables are reached from the parents planned before them, and, where one join cannot say which of their rows
-- go, the capture of those rows' referenced columns. Several tables: those that a component has in this step. Where
-- PostgreSQL would delete or clear what refers to them by itself, the rows are locked before anything below them is
-- looked at: a row in flight there would else go, once its transaction ends, without a look at its owner and without
-- a receipt. So are the rows of a component, for the statement that deletes them knows them by where they lie; and
-- rows to which several links lead, for then of two undos that want them the second does not meet in another order
-- what hangs below them.
create or replace function unwind_internal.plan_reach(
    workflow text, step text, tables regclass [], in_component boolean
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_locked regclass [];
    v_inner unwind_internal.plan_ways [];
begin
    perform unwind_internal.assert_whole(t.name) from unnest(tables) as t (name);
    perform unwind_internal.add_ways(workflow, step, tables, false);
    v_locked := array(
        select t.name from unnest(tables) as t (name)
        where in_component
            or unwind_internal.deletes_by_itself(t.name)
            or unwind_internal.has_several_links(workflow, t.name) and exists (
                select from unwind_internal.plan_links as f
                where f.workflow = plan_reach.workflow and f.parent_table = t.name and f.on_delete = 'cascade'
            )
    );
    perform unwind_internal.plan_over_ways(unwind_internal.ways_to(workflow, step, l.name), 'lock')
    from unnest(v_locked) as l (name);
    if in_component or unwind_internal.needs_capture(workflow, step, tables[1]) then
        perform unwind_internal.plan_captures(workflow, step, tables);
        v_inner := unwind_internal.add_ways(workflow, step, tables, true);
        perform unwind_internal.plan_over_ways(
            array(select w from unnest(v_inner) as w where w.target = l.name order by w.way), 'lock'
        )
        from unnest(v_locked) as l (name);
    end if;
end
$$;
