-- The captured table of this name. Errors: UW009.
create or replace function unwind_internal.captured_table(tbl regclass)
returns unwind_internal.captured_tables
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_captured unwind_internal.captured_tables;
begin
    select c.* into v_captured from unwind_internal.captured_tables as c where c.table_name = tbl;
    if not found then
        raise '% is not captured', coalesce(tbl::text, 'null')
        using errcode = 'UW009',
            detail = 'This is for tables that capture_table has put under capture.',
            hint = 'select table_name from unwind_internal.captured_tables;';
    end if;
    return v_captured;
end
$$;
