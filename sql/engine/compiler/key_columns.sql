-- The values of an entity key as typed columns. The cast stands on the key, so that the table's index serves.
create or replace function unwind_internal.key_columns(statement unwind.plan_statements)
returns text []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select array_agg(
        unwind_internal.render_reading(format('s.entity_key[%s]', c.n), unwind_internal.carried_type(c.type))
        order by c.n
    )
    from unnest((key_columns.statement).types) with ordinality as c (type, n)
$$;
