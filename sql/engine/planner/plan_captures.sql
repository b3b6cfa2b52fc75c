-- Reads, before any row goes, the referenced columns of every row of these tables that will go: those that the ways
-- into them find and, where they refer to themselves or each other, all that hangs below. Several tables that refer
-- to each other are read together, and parted then.
create or replace function unwind_internal.plan_captures(workflow text, step text, tables regclass [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_together int;
begin
    if cardinality(tables) > 1 then
        v_together := unwind_internal.add_statement(workflow, step, 'capture');
    end if;
    perform unwind_internal.add_statement(
        plan_captures.workflow, plan_captures.step, 'capture', c.target,
        columns => c.columns, anchor => v_together
    )
    from (
        select t.target, t.place, array_agg(distinct p.name) as columns
        from unnest(tables) with ordinality as t (target, place)
        inner join unwind_internal.plan_links as f
            on f.workflow = plan_captures.workflow and f.parent_table = t.target and f.on_delete <> 'left alone'
        cross join unnest(f.parent_columns) as p (name)
        group by t.target, t.place
    ) as c
    order by c.place;
    update unwind.plan_statements as p
    set columns = '{table}' || array(
            select format('%s.%I', j.target, j.name) from unwind_internal.captured_columns(p) as j
        ),
        types = '{integer}' || array(select j.type from unwind_internal.captured_columns(p) as j)
    where p.workflow = plan_captures.workflow and p.ordinal = v_together;
end
$$;
