-- Makes the log of a table that has none, named as the table is now.
create or replace function unwind_internal.make_log(tbl regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_captured unwind_internal.captured_tables;
    v_shape record;
    v_log text;
    v_by_row boolean;
begin
    select format('%s.%s', n.nspname, c.relname), c.relkind = 'p' into v_log, v_by_row
    from pg_class as c
    inner join pg_namespace as n on n.oid = c.relnamespace
    where c.oid = tbl;
    if octet_length(v_log) > 40 then -- names that are made of it are not to be cut
        select left(v_log, n) || '_' || left(md5(v_log), 8) into v_log
        from generate_series(30, 1, -1) as n
        where octet_length(left(v_log, n)) <= 30
        limit 1;
    end if;
    while exists (select from unwind_internal.captured_tables as c where c.log_name = v_log) loop
        v_log := v_log || '_';
    end loop;
    select s.* into v_shape from unwind_internal.table_shape(tbl) as s;
    execute format(
        'create table unwind_captured.%I ('
        '"~run" bigint, "~sign" smallint, "~shape" smallint, "~from" bigint [], %s)',
        v_log,
        (
            select string_agg(format('%I %s', c.name, c.type), ', ' order by c.n)
            from unnest(v_shape.columns, v_shape.types) with ordinality as c (name, type, n)
        )
    );
    execute format('create index on unwind_captured.%I ("~run")', v_log);
    -- It has no key, and a publication may be for all tables: its rows could not be deleted.
    execute format('alter table unwind_captured.%I replica identity full', v_log);
    execute format('alter table unwind_captured.%I owner to %I', v_log, unwind_internal.engine_owner());
    insert into unwind_internal.captured_tables (
        table_name, log_name, target_oid, columns, types, numbers, added, key_columns, fingerprint, by_row
    )
    values (
        tbl, v_log, tbl, v_shape.columns, v_shape.types, v_shape.numbers,
        array_fill(1::smallint, array[cardinality(v_shape.columns)]), v_shape.key_columns, v_shape.fingerprint, v_by_row
    )
    returning * into v_captured;
    perform unwind_internal.make_view(v_captured);
    perform unwind_internal.compile_logs();
end
$$;
