-- Locks rows that will go, and so waits for whoever has a row in flight that refers to them.
create or replace function unwind_internal.render_lock(statement unwind.plan_statements)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(E'\n            ',
        concat_ws(', ', format('        perform from %s as t', t.target), k.sources),
        'where ' || k.condition,
        'for update of t;'
    )
    from (select (render_lock.statement).*) as t
    cross join unwind_internal.any_key(render_lock.statement) as k
$$;
