-- Refuses a transaction whose snapshot is older than the columns of a table: its catalog is of before, while the
-- columns of what it writes are those of now. By the parser, which sees what is there now.
-- Errors: 40001.
create or replace function unwind_internal.assert_seen_as_is(tbl regclass)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_columns text [];
    v_types oid [];
    v_names text;
    v_is_same boolean;
begin
    select array_agg(a.attname::text order by a.attname), array_agg(a.atttypid order by a.attname),
        string_agg(format('pg_typeof(x.%I)', a.attname), ', ' order by a.attname)
    into v_columns, v_types, v_names
    from pg_attribute as a
    where a.attrelid = tbl and a.attnum > 0 and not a.attisdropped;
    execute format(
        'select array(select k.name from json_object_keys(to_json(x)) as k (name) order by k.name::name) = $1 '
        'from (select (null::%s).*) as x', tbl
    ) into v_is_same using v_columns;
    if v_is_same then
        execute format('select array[%s]::oid[] = $1 from (select (null::%s).*) as x', v_names, tbl)
        into v_is_same using v_types;
    end if;
    if not v_is_same then
        raise 'could not serialize access: % was altered since this transaction began', tbl
        using errcode = 'serialization_failure',
            detail = 'Its snapshot is older than the columns of the table, which is captured.',
            hint = 'Try the transaction again.';
    end if;
end
$$;
