-- The receipts of a run, an undo each, in order; none of a run on which the caller may not act.
-- SECURITY DEFINER: others read unwind.compensations, which numbers and sorts, and takes three times as long.
create or replace function unwind_internal.receipts_of(run_id text)
returns setof unwind_internal.receipts
language plpgsql
stable
security definer
as $$
begin
    return query
    select c.*
    from unwind.workflow_runs as r
    inner join unwind_internal.receipts as c on c.run_id operator(pg_catalog.=) r.id
    where r.id operator(pg_catalog.=) receipts_of.run_id and unwind_internal.may_act(r.started_by)
    order by c.entry;
end
$$;
