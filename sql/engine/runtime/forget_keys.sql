-- What a run recorded, and what it owns, goes with it.
create or replace function unwind_internal.forget_keys()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
    delete from unwind_internal.ledger as l using gone as g where l.run_id = g.id;
    delete from unwind.entity_owners as o using gone as g where o.run_id = g.id;
    return null;
end
$$;
do $$
begin
    if not exists (
        select from pg_catalog.pg_trigger as t
        where t.tgrelid = 'unwind.workflow_runs'::regclass and t.tgname = 'keys_are_forgotten'
    ) then
        create trigger keys_are_forgotten after delete on unwind.workflow_runs referencing old table as gone
        for each statement execute function unwind_internal.forget_keys();
    end if;
end
$$;
