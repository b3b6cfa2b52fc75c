-- The rows t that a plan statement means (rows_of), in a query that has the anchors as CTEs (render_anchors).
create or replace function unwind_internal.rows_over_ctes(statement unwind.plan_statements)
returns table (sources text, condition text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select r.sources, r.condition
    from unwind_internal.anchor_of(rows_over_ctes.statement) as a
    cross join unwind_internal.rows_of(rows_over_ctes.statement, 'joined', unwind_internal.variable(a)) as r
$$;
