-- The columns of a batch k, in order: those of the anchor as it was when the row was found (c1, c2), and, where the
-- table has a key, those of the row itself (r1, r2).
create or replace function unwind_internal.batch_columns(statement unwind.plan_statements)
returns table (place int, name text, type text, value text, of_row text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        n.place::int, 'c' || n.place, unwind_internal.qualified_type(unwind_internal.carried_type(n.type)),
        'k.c' || n.place, null
    from unwind_internal.anchor_of(batch_columns.statement) as a
    cross join unnest(a.types) with ordinality as n (type, place)
    union all
    select
        cardinality(a.types) + n.place::int, 'r' || n.place,
        unwind_internal.qualified_type(unwind_internal.carried_type(n.type)),
        format('t.%I::%s', n.name, unwind_internal.qualified_type(unwind_internal.carried_type(n.type))),
        format('t.%I %s k.r%s::%s', n.name,
            unwind_internal.key_operator((batch_columns.statement).target, n.name), n.place,
            unwind_internal.qualified_type(n.type))
    from unwind_internal.anchor_of(batch_columns.statement) as a
    cross join lateral (
        select k.name, k.place, unwind_internal.column_type((batch_columns.statement).target, k.name) as type
        from unnest(unwind_internal.row_key((batch_columns.statement).target)) with ordinality as k (name, place)
    ) as n
$$;
