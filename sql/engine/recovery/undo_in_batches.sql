-- The batches of a run that begin_batches has claimed: stage by stage, last step first; in each the plan's deletions,
-- a transaction for every batch; then the end of the stage. The rows of a statement are found once, by a cursor that
-- outlasts the commits; a row is deleted in the version that was found, so a place that holds another row since is
-- left alone. Where a table refers to itself the leaves go first, pass by pass. The first error ends it: failure.
-- A procedure that commits cannot pin search_path.
create or replace procedure unwind_internal.undo_in_batches(
    run_id text, workflow text, batch_size int, worker text, inout failure jsonb
)
language plpgsql
as $$
declare
    v_stage int;
    v_statement unwind.plan_statements;
    v_tables pg_catalog.oid [];
    v_tids pg_catalog.tid [];
    v_versions pg_catalog.xid [];
    v_done pg_catalog.record;
    v_gone bigint;
begin
    foreach v_stage in array unwind_internal.live_stages(run_id, workflow) loop
        foreach v_statement in array unwind_internal.batched_statements(workflow, v_stage) loop
            loop
                v_gone := 0;
                perform unwind_internal.bound_memory();
                for v_tables, v_tids, v_versions in
                    execute unwind_internal.render_batches(v_statement, run_id, batch_size)
                loop
                    select a.* into v_done from unwind_internal.attempt(
                        run_id, worker, workflow, v_stage, v_statement, v_tables, v_tids, v_versions
                    ) as a;
                    commit;
                    failure := v_done.failure;
                    if failure is not null then
                        return;
                    end if;
                    v_gone := v_gone operator(pg_catalog.+) v_done.gone;
                end loop;
                -- Leaves are gone: what they hung below may be leaves now.
                exit when v_gone operator(pg_catalog.=) 0
                    or unwind_internal.render_childless(v_statement.target, false) operator(pg_catalog.=) '';
            end loop;
        end loop;
        select a.failure into failure from unwind_internal.attempt(
            run_id, worker, workflow, v_stage, null, null, null, null
        ) as a;
        commit;
        if failure is not null then
            return;
        end if;
    end loop;
    select a.failure into failure from unwind_internal.attempt(
        run_id, worker, workflow, null, null, null, null, null
    ) as a;
    commit;
end
$$;
