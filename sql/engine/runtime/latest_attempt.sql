-- The latest attempt at a run: the run of this id, or <id>:2, <id>:3 … Its row stays locked, so that of two who want to
-- start the next one at once the second finds what the first has started; steps in flight do not keep them waiting,
-- an undo does.
-- Errors: UW013 (there was such a run, and it is purged); 42501 for a run of somebody else's.
create or replace function unwind_internal.latest_attempt(run_id text, out run unwind.workflow_runs, out number int)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_id text := run_id;
begin
    number := 1;
    loop
        select r.* into run
        from unwind.workflow_runs as r
        where r.id = v_id and unwind_internal.may_act(r.started_by)
        for no key update;
        if not found then
            if exists (select from unwind.workflow_runs as r where r.id = v_id) then
                perform unwind_internal.assert_may_act(v_id);
            end if;
            perform unwind_internal.raise_duplicate_run(v_id);
        end if;
        v_id := format('%s:%s', run_id, number + 1);
        exit when not exists (select from unwind.workflow_runs as r where r.id = v_id);
        number := number + 1;
    end loop;
end
$$;
