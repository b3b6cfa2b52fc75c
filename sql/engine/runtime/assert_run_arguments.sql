-- Asked with each run, so without a search_path of its own, for setting it would cost more than the answer.
-- Errors: UW009.
create or replace function unwind_internal.assert_run_arguments(run_id text, worker text, lease interval)
returns void
language plpgsql
immutable
as $$
begin
    if run_id operator(pg_catalog.=) '' then
        raise 'a run id cannot be empty'
        using errcode = 'UW009',
            detail = 'The run id given is the empty string.',
            hint = 'Leave run_id out to get a new uuid.';
    end if;
    if worker operator(pg_catalog.=) ''
        or (
            worker is not null
            and (
                coalesce(lease, '0') operator(pg_catalog.<=) '0'
                or lease operator(pg_catalog.>) '1000 years'
            )
        )
    then
        raise 'a claim needs a worker''s name and a lease longer than zero, of 1000 years at most'
        using errcode = 'UW009',
            detail = pg_catalog.format('Given were worker %L and lease %L.', worker, lease),
            hint = 'select unwind.start_run(..., worker => ''host-1'', lease => ''5 minutes'');';
    end if;
end
$$;
