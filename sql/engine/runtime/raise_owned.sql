-- Errors: UW004, always.
create or replace function unwind_internal.raise_owned(
    root_table regclass, key_columns text [], entity_key text [], owner text, run_id text
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise '% (%)=(%) belongs to run %', root_table, array_to_string(key_columns, ', '),
        array_to_string(entity_key, ', '), coalesce(quote_literal(owner), 'that has just ended')
    using errcode = 'UW004',
        detail = format(
            'An entity belongs to one run until that run is COMPENSATED; run %L cannot have it too, for undoing '
            'either would delete the rows of both.', run_id
        ),
        hint = coalesce(format('select * from unwind.preview_run(%L);', owner), 'Try again.'),
        table = root_table::text;
end
$$;
