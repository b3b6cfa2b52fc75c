-- Changes a log as its table has changed since, and gives the captured table as it is now. Columns that were renamed
-- are so in two steps, by names that nobody has, for they may have changed places. A table that has lost its key is
-- captured on, for its writers know nothing of it; the undo refuses.
create or replace function unwind_internal.alter_log(captured unwind_internal.captured_tables)
returns unwind_internal.captured_tables
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_change text;
    v_captured unwind_internal.captured_tables;
begin
    execute format('drop view unwind_captured.%I', 'images of ' || captured.log_name);
    for v_change in
        select a.change
        from unwind_internal.log_columns(captured) as c
        cross join lateral (
            values
            (
                1, 'drop column if exists ' || quote_ident(c.was),
                c.was is not null and (c.name is null or c.is_retyped)
            ),
            (
                2, 'rename column ' || quote_ident(c.was) || ' to ' || quote_ident('~' || c.number),
                c.was <> c.name and not c.is_retyped
            ),
            (
                3, 'rename column ' || quote_ident('~' || c.number) || ' to ' || quote_ident(c.name),
                c.was <> c.name and not c.is_retyped
            ),
            (
                4, 'add column ' || quote_ident(c.name) || ' ' || c.type,
                c.name is not null and (c.was is null or c.is_retyped)
            )
        ) as a (place, change, is_due)
        where a.is_due
        order by a.place, c.number
    loop
        execute format('alter table unwind_captured.%I %s', captured.log_name, v_change);
    end loop;
    update unwind_internal.captured_tables as t
    set target_oid = t.table_name, columns = s.columns, types = s.types, numbers = s.numbers,
        key_columns = coalesce(s.key_columns, t.key_columns), fingerprint = s.fingerprint, added = c.added,
        ignored = c.ignored,
        shape = greatest(t.shape, c.newest), min_shape = case when c.is_retyped then c.newest else t.min_shape end
    from unwind_internal.table_shape(captured.table_name) as s
    cross join (
        select
            array_agg(l.added order by l.number) as added, max(l.added) as newest,
            coalesce(bool_or(l.is_retyped), false) as is_retyped,
            coalesce(
                array_agg(l.name order by l.number) filter (where l.was = any(captured.ignored)), '{}'
            ) as ignored
        from unwind_internal.log_columns(captured) as l
        where l.name is not null
    ) as c
    where t.table_name = captured.table_name
    returning t.* into v_captured;
    perform unwind_internal.make_view(v_captured);
    return v_captured;
end
$$;
