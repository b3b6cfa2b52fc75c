-- The query of a capture, over its anchors as CTEs: the rows that the ways into its tables find and, where the tables
-- refer to themselves or each other, all that hangs below (union also ends cycles in the data). Of several tables that
-- are read together the columns of the others are null. A part of those takes what is its table's.
create or replace function unwind_internal.render_captured(capture unwind.plan_statements)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_query text;
    v_below text;
begin
    if capture.target is not null and capture.anchor is not null then
        return (
            select format('select %s, k.run_id from %s as k where k.c1 operator(pg_catalog.=) %s',
                string_agg('k.c' || c.n, ', ' order by c.n), unwind_internal.variable(t), min(c.place))
            from unwind_internal.anchor_of(capture) as t
            cross join unwind_internal.captured_columns(t) as c
            where c.part = capture.ordinal
            group by t
        );
    end if;
    select
        string_agg(
            format('select %s, k.run_id from %s as t, %s where %s', l.list, w.target, r.sources, r.condition),
            E'\nunion\n' order by w.way
        ) filter (where i.part is null),
        string_agg(
            format('select %s, k.run_id from %s as t where %s', l.list, w.target, i.condition),
            ' union all ' order by w.way
        ) filter (where i.part is not null)
    into v_query, v_below
    from unwind_internal.captured_ways(capture) as w
    -- The way from another row that was captured with it.
    left join lateral (
        select c.part, string_agg(format('t.%I %s %s', u.name,
            unwind_internal.link_operator(w.target, u.name, c.target, c.name),
            unwind_internal.render_carried('k.c' || c.n, c.type)), ' and ' order by u.n) as condition
        from unnest(w.columns, w.anchor_columns) with ordinality as u (name, place, n)
        inner join unwind_internal.captured_columns(capture) as c on c.part = w.anchor and c.column_place = u.place
        group by c.part
    ) as i on true
    left join lateral unwind_internal.way_rows(w, 'joined', unwind_internal.variable(
        unwind_internal.plan_statement(w.workflow, w.anchor)
    )) as r on i.part is null
    cross join lateral (
        select concat(case when capture.target is null then min(c.place) filter (where c.target = w.target) || ', ' end,
            string_agg(
                case
                    when c.target = w.target
                        then unwind_internal.render_carrying(format('t.%I', c.name), c.type)
                    else 'null::' || unwind_internal.qualified_type(unwind_internal.carried_type(c.type))
                end, ', ' order by c.n
            )) as list
        from unwind_internal.captured_columns(capture) as c
    ) as l;
    return concat(v_query, case when v_below is not null then format(
        E'\nunion\nselect x.* from %s as k cross join lateral (%s) as x', unwind_internal.variable(capture), v_below
    ) end);
end
$$;
