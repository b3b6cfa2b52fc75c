-- Errors: UW009.
create or replace function unwind_internal.assert_batch_size(batch_size int)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(batch_size, 0) < 1 then
        raise 'a batch needs at least one row'
        using errcode = 'UW009',
            detail = format('Given was batch_size %L.', batch_size),
            hint = 'call unwind.compensate_run_in_batches(''run'', batch_size => 10000);';
    end if;
end
$$;
