-- Errors: UW011, always.
create or replace function unwind_internal.raise_table_gone(log_name text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'a table that the run changed was dropped: %', log_name
    using errcode = 'UW011',
        detail = format('The images of its rows are in unwind_captured.%I.', log_name),
        hint = 'Put back by hand what is needed of them; then undo the rest: on_conflict => ''skip''.';
end
$$;
