-- One recursion over several tables that refer to each other: rows that the ways into them find, and all that hangs
-- below those among the same tables (union also ends cycles in the data). The columns of the other tables are null.
create or replace function unwind_internal.plan_joint_capture(workflow text, step text, tables regclass [])
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lists text [];
    v_capture int;
    v_query text;
    v_recursion text;
begin
    v_capture := unwind_internal.add_statement(workflow, step, 'capture');
    v_lists := array(
        select format('%s, ', t.place) || string_agg(
            case
                when j.place = t.place then unwind_internal.render_carrying(format('t.%I', j.name), j.type)
                else 'null::' || unwind_internal.qualified_type(unwind_internal.carried_type(j.type))
            end, ', ' order by j.n
        )
        from generate_subscripts(tables, 1) as t (place)
        cross join unwind_internal.joint_columns(plan_joint_capture.workflow, tables) as j
        group by t.place
        order by t.place
    );
    select string_agg(
        format('select %s, k.run_id from %s as t, a%s as k%s where %s',
            v_lists[array_position(tables, w.target)], w.target, r.anchor, ', ' || nullif(r.sources, ''), r.condition),
        E'\nunion\n' order by w.way
    ) into v_query
    from unwind_internal.plan_ways as w
    cross join unwind_internal.render_way(w, 't') as r
    where w.workflow = plan_joint_capture.workflow
        and w.step = plan_joint_capture.step
        and w.target = any(tables);
    select string_agg(
        format('select %s, k.run_id from %s as t where %s',
            v_lists[array_position(tables, f.child_table)], f.child_table, c.condition),
        ' union all ' order by f.child_table::text, f.parent_table::text, f.child_columns
    ) into v_recursion
    from unwind_internal.plan_links as f
    cross join lateral (
        select string_agg(format('t.%I %s %s', u.child,
            unwind_internal.link_operator(f.child_table, u.child, f.parent_table, u.parent),
            case
                when unwind_internal.carried_type(j.type) = j.type then 'k.c' || j.n
                else unwind_internal.render_reading('k.c' || j.n, j.type)
            end
        ), ' and ' order by u.place) as condition
        from unnest(f.child_columns, f.parent_columns) with ordinality as u (child, parent, place)
        inner join unwind_internal.joint_columns(plan_joint_capture.workflow, tables) as j
            on j.target = f.parent_table and j.name = u.parent
    ) as c
    where f.workflow = plan_joint_capture.workflow and f.child_table = any(tables) and f.parent_table = any(tables) and f.on_delete = 'cascade';
    update unwind.plan_statements as p
    set columns = array['table'] || array(
            select format('%s.%I', j.target, j.name)
            from unwind_internal.joint_columns(plan_joint_capture.workflow, tables) as j
            order by j.n
        ),
        types = array['integer'] || array(
            select j.type from unwind_internal.joint_columns(plan_joint_capture.workflow, tables) as j order by j.n
        ),
        sources = v_query || case
            when v_recursion is null then ''
            else format(E'\nunion\nselect x.* from a%s as k cross join lateral (%s) as x', v_capture, v_recursion)
        end
    where p.workflow = plan_joint_capture.workflow and p.ordinal = v_capture;
    return v_capture;
end
$$;
