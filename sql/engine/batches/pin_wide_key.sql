-- Until the transaction ends, a look by a key of several columns takes the index of that key, and not one of a part of
-- it because of statistics from when that part was enough. Where nothing costs anything but rows, and of bitmaps with
-- as many rows by estimate, PostgreSQL takes the one with more conditions.
create or replace function unwind_internal.pin_wide_key()
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    select from (
        select set_config(s.name, s.value, true)
        from (values
            ('enable_indexscan', 'off'),
            ('enable_indexonlyscan', 'off'),
            ('seq_page_cost', '0'),
            ('random_page_cost', '0'),
            ('cpu_operator_cost', '0')
        ) as s (name, value)
    ) as s
$$;
