-- Rows would go and are another run's. Bare from a generated function, at the first of them; with the rows by name from
-- raise_blocked.
-- Errors: UW007, always.
create or replace function unwind_internal.raise_owned_elsewhere(
    table_name text, run_ids text [], owners text [], keys text default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'rows of % that would go belong to run %', table_name, quote_literal(owners[1])
    using errcode = 'UW007',
        detail = format('A key of this run, or cascade links from its rows, lead to %s.', coalesce(keys, 'them')),
        hint = format(E'To see all: select * from unwind.preview_run(%L);\nTo undo their runs too: %s\n'
            'To keep what leads there: select unwind.release_entity(run_id, step, variadic key);',
            run_ids[1], unwind_internal.call_to_undo(run_ids || owners)),
        table = table_name;
end
$$;
