-- The columns of a log beside those of its table as it is: which stays, told by its number (in a restored dump by its
-- name), under which name and in which shape it came; a column of another type is a new one.
create or replace function unwind_internal.log_columns(captured unwind_internal.captured_tables)
returns table (was text, name text, type text, number smallint, added smallint, is_retyped boolean)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with known as (
        select c.*, case when captured.target_oid = captured.table_name then c.number::text else c.name end as mark
        from unnest(captured.columns, captured.types, captured.numbers, captured.added)
            as c (name, type, number, added)
    ),

    present as (
        select p.*, case when captured.target_oid = captured.table_name then p.number::text else p.name end as mark
        from unwind_internal.table_shape(captured.table_name) as t
        cross join unnest(t.columns, t.types, t.numbers) as p (name, type, number)
    )

    select
        k.name as was, p.name, p.type, p.number,
        case when k.type = p.type then k.added else captured.shape + 1 end::smallint,
        k.type <> p.type
    from present as p
    full join known as k on p.mark = k.mark
    order by p.number
$$;
