-- Errors: UW009.
create or replace function unwind_internal.assert_limit(max_rows bigint)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if max_rows < 0 then
        raise 'max_rows cannot be %', max_rows
        using errcode = 'UW009',
            detail = 'It is the number of rows that an undo may take: 0 or more; null is no limit.',
            hint = 'select * from unwind.compensate_run(..., max_rows => 1000);';
    end if;
end
$$;
