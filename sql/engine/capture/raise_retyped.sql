-- Errors: UW011, always.
create or replace function unwind_internal.raise_retyped(captured unwind_internal.captured_tables)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'a column of % is of another type than when the run changed its rows', captured.table_name
    using errcode = 'UW011',
        detail = format('The images of before, in unwind_captured.%I, lack the column.', captured.log_name),
        hint = 'Mend these rows by hand.',
        table = captured.table_name::text;
end
$$;
