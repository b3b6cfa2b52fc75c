-- Reads, before any row goes, the referenced columns of every row of the target that will go: the union of
-- the ways into it and, where it refers to itself, all that hangs below (union also ends cycles in the data).
create or replace function unwind_internal.plan_capture(workflow text, step text, target regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_columns text [];
    v_list text;
    v_query text;
    v_recursion text;
    v_capture int;
begin
    select array_agg(distinct c.name) into v_columns
    from unwind_internal.plan_links as f
    cross join unnest(f.parent_columns) as c (name)
    where f.workflow = plan_capture.workflow
        and f.parent_table = plan_capture.target and f.on_delete <> 'left alone';
    select string_agg(
        unwind_internal.render_carrying(
            format('t.%I', c.name), unwind_internal.column_type(plan_capture.target, c.name)
        ), ', ' order by c.n
    ) into v_list
    from unnest(v_columns) with ordinality as c (name, n);
    select string_agg(
        format('select %s, k.run_id from %s as t, a%s as k%s where %s',
            v_list, plan_capture.target, r.anchor, ', ' || nullif(r.sources, ''), r.condition),
        E'\nunion\n' order by w.way
    ) into v_query
    from unwind_internal.plan_ways as w
    cross join unwind_internal.render_way(w, 't') as r
    where w.workflow = plan_capture.workflow
        and w.step = plan_capture.step
        and w.target = plan_capture.target;
    v_capture := unwind_internal.add_statement(workflow, step, 'capture', target, columns => v_columns);
    select string_agg(
        format('select %s, k.run_id from %s as t where %s', v_list, plan_capture.target, r.condition),
        ' union all ' order by f.child_columns
    ) into v_recursion
    from unwind_internal.plan_links as f
    cross join unwind_internal.render_way(
        unwind_internal.link_way(
            plan_capture.workflow, plan_capture.step,
            f.child_table, f.child_columns, f.parent_table, f.parent_columns, true
        ), 't'
    ) as r
    where f.workflow = plan_capture.workflow
        and f.child_table = plan_capture.target and f.parent_table = f.child_table and f.on_delete = 'cascade';
    update unwind.plan_statements as p
    set sources = v_query || case
        when v_recursion is null then ''
        else format(E'\nunion\nselect x.* from a%s as k cross join lateral (%s) as x', v_capture, v_recursion)
    end
    where p.workflow = plan_capture.workflow and p.ordinal = v_capture;
end
$$;
