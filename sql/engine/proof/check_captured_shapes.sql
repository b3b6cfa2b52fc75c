-- Captured tables that are gone, have lost their key, or were altered and not yet followed.
create or replace function unwind_internal.check_captured_shapes()
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with captured as materialized (
        select c.*, exists (select from pg_class as t where t.oid = c.table_name) as is_there
        from unwind_internal.all_captured() as c
    )

    select
        'error', 'table_gone', c.log_name,
        format('the captured table %s was dropped: a run that changed it cannot be undone', c.log_name),
        format('select * from unwind_captured.%I; select unwind.capture_table(variadic ''{}'');', c.log_name)
    from captured as c
    where not c.is_there
    union all
    select
        case when s.key_columns is null then 'error' else 'warning' end,
        case when s.key_columns is null then 'no_key' else 'stale_columns' end,
        c.table_name::text,
        case
            when s.key_columns is null
                then format('%s has no primary key any more, by which a captured row is known', c.table_name)
            else format('%s was altered; the next write inside a run has its log follow', c.table_name)
        end,
        case
            when s.key_columns is null then format('alter table %s add primary key (...);', c.table_name)
            else format('select unwind.capture_table(%L);', c.table_name)
        end
    from captured as c
    cross join lateral unwind_internal.table_shape(c.table_name) as s
    where c.is_there and s.fingerprint <> c.fingerprint
$$;
