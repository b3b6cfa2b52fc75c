-- The rows of a plan statement that may go now, in batches: where they lie, and in which version. What hangs below
-- rows of the same table goes before them. Within a batch by where they lie: two undos that want the same rows, found
-- by different links, then lock them in one order.
create or replace function unwind_internal.render_batches(
    statement unwind.plan_statements, run_id text, batch_size int
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '%s select pg_catalog.array_agg(b.tableoid) as tables, pg_catalog.array_agg(b.ctid) as tids, '
        'pg_catalog.array_agg(b.xmin) as versions '
        'from (select r.*, (pg_catalog.row_number() over () operator(pg_catalog.-) 1) operator(pg_catalog./) %s as batch from (%s) as r '
        'order by batch, r.tableoid, r.ctid) as b group by b.batch order by b.batch',
        unwind_internal.render_anchors(t.workflow, unwind_internal.live_ledger(render_batches.run_id)),
        batch_size,
        unwind_internal.render_select(
            't.tableoid, t.ctid, t.xmin', t.target, unwind_internal.render_sources(t, 'a' || t.anchor),
            t.condition || case when t.action = 'delete' then unwind_internal.render_childless(t.target, false) else '' end
        )
    )
    from (select (render_batches.statement).*) as t
$$;
