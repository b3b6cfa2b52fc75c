-- A batch ($1) as FROM items and a condition: the rows t of the target that are in it and, as the statement that
-- touches them sees them, are still those of the plan statement. The batch stands for the anchor k, and with each of
-- its rows comes the place where this statement finds it: by its key or, in a table without one, so many rows as there
-- is room for by the plan. A place leads to its row whatever the planner thinks of table or batch; the plan's
-- condition, asked there (offset), says whether the row goes. One that moves at this very moment is left to the end of
-- the stage.
create or replace function unwind_internal.render_batch(statement unwind.plan_statements, room bigint)
returns table (sources text, condition text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        format('(%s) as k (%s, o, p)',
            case
                when c.key is not null then format(
                    'select k.*, s.* from %s as k (%s) cross join lateral '
                    '(select t.tableoid, t.ctid from %s as t where %s offset 0) as s offset 0',
                    c.arrays, c.names, t.target, c.key
                )
                else format(
                    'select s.* from (%s limit %s) as s order by s.tableoid, s.ctid',
                    unwind_internal.render_select(
                        'k.*, t.tableoid, t.ctid', t.target,
                        concat_ws(', ', format('%s as k (%s)', c.arrays, c.names), nullif(w.sources, '')),
                        w.condition || unwind_internal.render_leaf(t, true)
                    ),
                    render_batch.room
                )
            end, c.names),
        concat(
            't.ctid operator(pg_catalog.=) k.p and t.tableoid operator(pg_catalog.=) k.o',
            format(' and exists (select%s where %s offset 0)', ' from ' || nullif(w.sources, ''), w.condition),
            unwind_internal.render_leaf(t, true),
            unwind_internal.render_as_planned(t)
        )
    from (select (render_batch.statement).*) as t
    cross join unwind_internal.render_way(unwind_internal.way_of(t), 't', 'joined') as w
    cross join lateral (
        select
            format('rows from (%s)', string_agg(
                format('pg_catalog.unnest(($1)[%s]::%s[])', b.place, b.type), ', ' order by b.place
            )) as arrays,
            string_agg(b.name, ', ' order by b.place) as names,
            string_agg(b.of_row, ' and ' order by b.place) as key
        from unwind_internal.batch_columns(t) as b
    ) as c
$$;
