-- Undoes a run that is too big for one transaction: every batch is committed, so memory and locks are those of a batch,
-- and others see how far it is (unwind.progress, and a NOTICE for each batch). Small tables share a batch. The run is
-- COMPENSATING meanwhile, claimed by this session. Interrupted at any point, it goes on where it stopped when called
-- again, and the receipts add up.
-- A procedure that commits can neither pin search_path nor run inside a transaction (2D000).
-- Errors: UW001, UW003, UW005, UW006, UW007, UW008, UW009, UW020, 0A000; what is committed stays deleted.
create or replace procedure unwind.compensate_run_in_batches(
    run_id text, batch_size int default 10000, force boolean default false
)
language plpgsql
as $$
declare
    v_worker pg_catalog.text := coalesce(
        unwind_internal.speaker(), pg_catalog.format('batches of backend %s', pg_catalog.pg_backend_pid())
    );
    v_workflow pg_catalog.text;
    v_expected bigint [];
    v_failure pg_catalog.jsonb;
begin
    commit; -- refused at once inside a transaction, before anything is done
    set transaction isolation level read committed; -- and so in all that follow, for each is chained to the one before
    perform unwind_internal.assert_batch_size(batch_size);
    v_expected := unwind_internal.begin_batches(run_id, force, v_worker);
    if v_expected is null then
        return;
    end if;
    select r.workflow into v_workflow
    from unwind.workflow_runs as r
    where r.id operator(pg_catalog.=) compensate_run_in_batches.run_id;
    commit and chain;
    call unwind_internal.run_batches(run_id, v_workflow, batch_size, v_worker, v_expected, v_failure);
    if v_failure is not null then
        perform unwind_internal.stop_batches(run_id, v_worker, v_failure);
        commit and chain;
        perform unwind_internal.raise_failure(v_failure);
    end if;
end
$$;
comment on procedure unwind.compensate_run_in_batches (text, int, boolean) is
'Undoes a big run, committing every batch; watch unwind.progress. Call it again to go on after an interruption. Not '
'inside a transaction. Errors: UW001, UW003, UW005, UW006, UW007, UW008, UW009, UW020, 0A000, 2D000, 42501.';
