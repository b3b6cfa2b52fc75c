-- The keys of runs that are to be undone, in key order, for the generated functions.
-- SECURITY DEFINER: nobody else reads the ledger; of runs on which the caller may not act there are none here.
create or replace function unwind_internal.live_keys(run_ids text [], only_steps text [])
returns table (run_id text, step text, entity_key text [])
language plpgsql
stable
security definer
as $$
begin
    return query
    select l.run_id, l.step, l.entity_key
    from unwind.workflow_runs as r
    inner join unwind_internal.ledger as l on l.run_id operator(pg_catalog.=) r.id
    where r.id operator(pg_catalog.=) any(run_ids)
        and unwind_internal.may_act(r.started_by)
        and l.compensated_at is null
        and l.released_at is null
        and (only_steps is null or l.step operator(pg_catalog.=) any(only_steps))
    order by l.entity_key;
end
$$;
