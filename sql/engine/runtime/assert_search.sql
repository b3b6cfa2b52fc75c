-- Errors: UW009.
create or replace function unwind_internal.assert_search(status text, max_runs int)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if status not in ('RUNNING', 'COMPLETED', 'FAILED', 'COMPENSATING', 'COMPENSATED') then
        raise 'no run is ever %', quote_literal(status)
        using errcode = 'UW009',
            detail = 'A run is RUNNING, COMPLETED, FAILED, COMPENSATING or COMPENSATED.',
            hint = 'select * from unwind.find_runs(status => ''FAILED'');';
    end if;
    if max_runs is null or max_runs < 1 then
        raise 'a search finds one run at least, not %', coalesce(max_runs::text, 'null')
        using errcode = 'UW009',
            detail = 'max_runs is how many runs are given at most, the newest first.',
            hint = 'select * from unwind.find_runs(max_runs => 100);';
    end if;
end
$$;
