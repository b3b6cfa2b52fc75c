-- Reads, before any row goes, the referenced columns of every row of these tables that will go. Several tables that
-- refer to each other are read together, and parted then.
create or replace function unwind_internal.plan_captures(workflow text, step text, tables regclass [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_together int;
begin
    if cardinality(tables) = 1 then
        perform unwind_internal.plan_capture(workflow, step, tables[1]);
        return;
    end if;
    v_together := unwind_internal.plan_joint_capture(workflow, step, tables);
    perform unwind_internal.add_statement(
        workflow, step, 'capture', c.target, columns => c.columns,
        sources => format('select %s, k.run_id from a%s as k where k.c1 operator(pg_catalog.=) %s', c.list, v_together, c.place)
    )
    from (
        select j.target, j.place, array_agg(j.name order by j.n) as columns,
            string_agg('k.c' || j.n, ', ' order by j.n) as list
        from unwind_internal.joint_columns(plan_captures.workflow, tables) as j
        group by j.target, j.place
    ) as c
    order by c.place;
end
$$;
