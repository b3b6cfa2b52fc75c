-- The values of an anchor from which a plan statement finds a row that has this key of a root: a query over the anchors
-- as CTEs (render_anchors), without a row where it finds none.
create or replace function unwind_internal.render_ways_to(
    statement unwind.plan_statements, root unwind.plan_statements, entity_key text []
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select unwind_internal.render_select(
        format('array[%s]', (
            select string_agg(format('k.c%s::text', n), ', ' order by n)
            from generate_series(1, cardinality(a.types)) as g (n)
        )),
        (statement).target,
        r.sources,
        r.condition || (
            select string_agg(
                format(' and t.%I %s %L::%s', c.name, unwind_internal.key_operator((root).target, c.name), c.value,
                    unwind_internal.column_type((root).target, c.name)), '' order by c.n
            )
            from unnest((root).columns, render_ways_to.entity_key) with ordinality as c (name, value, n)
        )
    ) || ' limit 1'
    from unwind_internal.anchor_of(statement) as a
    cross join unwind_internal.rows_over_ctes(statement) as r
$$;
