-- For a query that makes batches, until the transaction ends. Sorted, so that one batch is in memory at a time,
-- whatever the planner would rather do; and its values written so that they read alike under all settings.
create or replace function unwind_internal.set_for_batches()
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    select from (
        select set_config(s.name, s.value, true)
        from (values
            ('enable_hashagg', 'off'),
            ('jit', 'off'),
            ('datestyle', 'ISO, YMD'),
            ('intervalstyle', 'iso_8601'),
            ('bytea_output', 'hex'),
            ('extra_float_digits', '1')
        ) as s (name, value)
    ) as s
$$;
