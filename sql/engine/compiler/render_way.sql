-- A way as SQL: the tables between the anchor and the target, as FROM items, and the condition on the rows of its
-- target, which is called by the given alias. The anchor is written in the given form.
create or replace function unwind_internal.render_way(way unwind_internal.plan_ways, alias text, form text)
returns table (sources text, condition text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_parent unwind_internal.plan_ways;
    v_alias text;
    v_anchor unwind.plan_statements;
begin
    if way.parent_way is null then
        v_anchor := unwind_internal.plan_statement(way.workflow, way.anchor);
        return query
        select '', string_agg(format('%s.%I %s %s', alias, c.name,
        case
            when v_anchor.action = 'keys' and v_anchor.target = way.target
                then unwind_internal.key_operator(way.target, c.name)
            else unwind_internal.link_operator(way.target, c.name, v_anchor.target, v_anchor.columns[c.place])
        end,
        unwind_internal.render_anchor_column(v_anchor, c.place, form)), ' and ' order by c.n)
        from unnest(way.columns, way.anchor_columns) with ordinality as c (name, place, n);
        return;
    end if;
    select w.* into strict v_parent
    from unwind_internal.plan_ways as w
    where w.workflow = way.workflow and w.way = way.parent_way;
    v_alias := 'p' || v_parent.way;
    return query
    select
        concat_ws(', ', format('%s as %s', v_parent.target, v_alias), nullif(r.sources, '')),
        (
            select string_agg(format('%s.%I %s %s.%I', alias, c.child,
                unwind_internal.link_operator(way.target, c.child, v_parent.target, c.parent), v_alias, c.parent),
                ' and ' order by c.n)
            from unnest(way.columns, way.parent_columns) with ordinality as c (child, parent, n)
        ) || ' and ' || r.condition
    from unwind_internal.render_way(v_parent, v_alias, form) as r;
end
$$;
