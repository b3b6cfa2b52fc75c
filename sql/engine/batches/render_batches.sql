-- The batches of a plan statement over the anchors as CTEs (render_anchors), each an array of array literals, for its
-- columns (batch_columns) are of unlike types. By their keys travel the rows that may go now: what hangs below rows of
-- the same table goes before them. In a batch they are in the order of their places: two undos that want the same rows,
-- found by different links, then lock them in one order. Of a table without a key the anchors travel, and their rows
-- are found as they go (render_batch).
create or replace function unwind_internal.render_batches(
    statement unwind.plan_statements, anchors text, batch_size int
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '%s select array[%s], %s from (select r.*, '
        '(pg_catalog.row_number() over () operator(pg_catalog.-) 1) operator(pg_catalog./) %s as batch from (%s) as r '
        'order by batch%s) as b group by b.batch order by b.batch',
        anchors,
        c.arrays,
        case when c.has_key then 'pg_catalog.count(*)::pg_catalog.int4' else '1' end,
        batch_size,
        case
            when c.has_key then unwind_internal.render_select(
                't.tableoid, t.ctid, ' || c.list, t.target, r.sources,
                r.condition || unwind_internal.render_leaf(t, false)
            )
            else format('select %s from %s as k', c.list, unwind_internal.variable(unwind_internal.anchor_of(t)))
        end,
        case when c.has_key then ', r.tableoid, r.ctid' end
    )
    from (select (render_batches.statement).*) as t
    cross join unwind_internal.rows_over_ctes(t) as r
    cross join lateral (
        select
            string_agg(format('pg_catalog.array_agg(b.%s)::pg_catalog.text', b.name), ', ' order by b.place) as arrays,
            string_agg(format('%s as %s', b.value, b.name), ', ' order by b.place) as list,
            bool_or(b.of_row is not null) as has_key
        from unwind_internal.batch_columns(t) as b
    ) as c
$$;
