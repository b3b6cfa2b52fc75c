-- What a run changed in captured tables and its recorded keys would not undo: what it updated and deleted, and what it
-- inserted that no key reaches.
-- Errors: UW001, UW008, UW009, UW011; 42501 where the caller may not read a captured table.
create or replace function unwind.find_uncovered(run_id text)
returns table (
    table_name text, row_key text, action text, changed_columns text [], changed_by text,
    before jsonb, after jsonb, now jsonb
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.compile_in_time();
    return query select c.* from unwind_internal.uncovered_changes(run_id) as c;
end
$$;
comment on function unwind.find_uncovered(text) is
'What a run changed in captured tables and its recorded keys and their cascades would not undo, a line per row as '
'find_changes has it; no row: they cover all of it. Errors: UW001, UW008, UW009, UW011, 42501.';
