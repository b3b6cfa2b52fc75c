-- Errors: UW006, where another worker's claim of the run is live.
create or replace function unwind_internal.assert_unclaimed(run unwind.workflow_runs)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if run.claimed_by <> coalesce(unwind_internal.speaker(), '') and run.lease_expires_at > unwind_internal.clock() then
        raise 'run % is claimed by %', quote_literal(run.id), quote_literal(run.claimed_by)
        using errcode = 'UW006',
            detail = format('The claim is good until %s.', run.lease_expires_at),
            hint = 'Wait for it; if you are that worker, say so in this transaction: select unwind.act_as(''worker'');';
    end if;
end
$$;
