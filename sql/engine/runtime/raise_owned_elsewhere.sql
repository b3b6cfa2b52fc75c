-- Errors: UW007, always.
create or replace function unwind_internal.raise_owned_elsewhere(table_name text, key text, owner text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'rows of % that would go belong to run %', table_name, quote_literal(owner)
    using errcode = 'UW007',
        detail = format('Key %s. A key of this run, or cascade links from its rows, lead to it.', key),
        hint = format('Undo that run first, or both at once with unwind.compensate_runs: '
            'select * from unwind.preview_run(%L); or keep what leads there: unwind.release_entity(run_id, step, key).',
            owner),
        table = table_name;
end
$$;
