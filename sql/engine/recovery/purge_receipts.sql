-- Removes the receipts that forgotten runs left, at most max_runs of them; says how many. Their ids are free then.
create or replace function unwind_internal.purge_receipts(before timestamptz, max_runs int)
returns bigint
language sql
set search_path = pg_catalog, pg_temp
as $$
    with gone as (
        delete from unwind_internal.receipts as c
        where c.run_id in (
            select r.run_id
            from unwind_internal.receipts as r
            where r.compensated_at < before and not exists (select from unwind.workflow_runs as w where w.id = r.run_id)
            order by r.compensated_at
            limit max_runs
        )
        returning c.run_id
    )

    select count(distinct g.run_id) from gone as g
$$;
