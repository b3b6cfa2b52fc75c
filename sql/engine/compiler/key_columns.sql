-- The values of an entity key as typed columns, of a ledger row s or as an aggregate over several makes one of them.
-- The cast stands on the key, so that the table's index serves.
create or replace function unwind_internal.key_columns(
    statement unwind.plan_statements, template text default 's.entity_key[%s]'
)
returns text []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select array_agg(
        unwind_internal.render_reading(format(template, c.n), unwind_internal.carried_type(c.type))
        order by c.n
    )
    from unnest((key_columns.statement).types) with ordinality as c (type, n)
$$;
