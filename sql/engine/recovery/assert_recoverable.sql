-- Errors: UW008, UW009.
create or replace function unwind_internal.assert_recoverable(workflow text, max_runs int, max_retries int)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if workflow is not null then
        perform unwind_internal.assert_workflow(workflow);
    end if;
    if coalesce(max_runs, 0) < 1 or coalesce(max_retries, 0) < 1 then
        raise 'a sweep needs at least one run and one try'
        using errcode = 'UW009',
            detail = format('Given were max_runs %L and max_retries %L.', max_runs, max_retries),
            hint = 'call unwind.recover_runs(max_runs => 1000, max_retries => 5);';
    end if;
end
$$;
