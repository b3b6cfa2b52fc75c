-- What compensating the run would do (preview), as this transaction has defined it.
-- Errors: UW001, UW008, UW009, UW011; 42501 where the caller may not read a captured table.
create or replace function unwind.preview_run(run_id text)
returns table (
    ordinal int, step text, table_name text, row_count bigint, statement text, blocked_by text, action text
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lines int;
begin
    perform unwind_internal.compile_in_time();
    return query select p.* from unwind_internal.preview(run_id) as p;
    get diagnostics v_lines = row_count;
    return query
    select p.* from unwind_internal.preview_captured(run_id, v_lines) as p order by p.ordinal;
end
$$;
comment on function unwind.preview_run(text) is
'What compensate_run would do, statement by statement, with row counts and SQL to read; deletes nothing. A custom '
'step has no count. blocked_by: rows for which it would be refused, by key and with the run that each is of; a line '
'for each table of them ends the list. Captured tables have lines of their own, step null. action: delete, set null, '
'call of a custom step, refuse and guard of rows in the way; in captured tables delete, update, insert, conflict. '
'Errors: UW001, UW008, UW009, UW011, 42501.';
