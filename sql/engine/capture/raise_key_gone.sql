-- Errors: UW011, always.
create or replace function unwind_internal.raise_key_gone(captured unwind_internal.captured_tables)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise '% has no primary key any more, by which the rows that the run changed are known', captured.table_name
    using errcode = 'UW011',
        detail = format('Their images are in unwind_captured.%I.', captured.log_name),
        hint = format('alter table %s add primary key (...);', captured.table_name),
        table = captured.table_name::text;
end
$$;
