-- Errors: UW009, always.
create or replace function unwind_internal.raise_owned_twice(
    tbl regclass, key_columns text [], entity_key text [], run_id text, other_run_id text
)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise '% (%)=(%) would belong to two runs, % and %', tbl, array_to_string(key_columns, ', '),
        array_to_string(entity_key, ', '), quote_literal(run_id), quote_literal(other_run_id)
    using errcode = 'UW009',
        detail = 'As the key columns are now, both runs have recorded one and the same entity; undoing either would '
            'delete the row of both.',
        hint = format('Give the columns the names or types back that they had, compile, and undo one of the two: '
            'select * from unwind.compensate_run(%L);', other_run_id),
        table = tbl::text;
end
$$;
