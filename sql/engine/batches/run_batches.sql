-- The batches of a run that begin_batches has claimed: stage by stage, last step first; in each the plan's deletions,
-- a transaction for every batch; then the end of the stage. The keys of a statement's rows are found once, by a cursor
-- that outlasts the commits; of what has these keys when its batch comes, that goes which the plan still means. A
-- batch without keys is repeated until it finds no more. Where a table refers to itself the leaves go first, pass by
-- pass. The first error ends it: failure.
-- A procedure that commits cannot pin search_path.
create or replace procedure unwind_internal.run_batches(
    run_id text, workflow text, batch_size int, worker text, inout failure jsonb
)
language plpgsql
as $$
declare
    v_stage int;
    v_statement unwind.plan_statements;
    v_batch pg_catalog.text [];
    v_has_key boolean;
    v_done pg_catalog.record;
    v_gone bigint;
begin
    foreach v_stage in array unwind_internal.live_stages(run_id, workflow) loop
        foreach v_statement in array unwind_internal.batched_statements(workflow, v_stage) loop
            v_has_key := unwind_internal.row_key(v_statement.target) is not null;
            loop
                v_gone := 0;
                perform unwind_internal.set_for_batches();
                for v_batch in
                    execute unwind_internal.render_batches(v_statement, run_id, batch_size)
                loop
                    commit and chain; -- with what was set for the search
                    loop
                        select a.* into v_done from unwind_internal.undo_part(
                            run_id, worker, workflow, v_stage, v_statement, v_batch, batch_size
                        ) as a;
                        commit and chain;
                        failure := v_done.failure;
                        if failure is not null then
                            return;
                        end if;
                        v_gone := v_gone operator(pg_catalog.+) v_done.gone;
                        exit when v_has_key or v_done.gone operator(pg_catalog.=) 0;
                    end loop;
                end loop;
                -- Leaves are gone: what they hung below may be leaves now.
                exit when v_gone operator(pg_catalog.=) 0
                    or unwind_internal.render_leaf(v_statement, false) operator(pg_catalog.=) '';
            end loop;
        end loop;
        select a.failure into failure from unwind_internal.undo_part(
            run_id, worker, workflow, v_stage, null, null, null
        ) as a;
        commit and chain;
        if failure is not null then
            return;
        end if;
    end loop;
    select a.failure into failure from unwind_internal.undo_part(
        run_id, worker, workflow, null, null, null, null
    ) as a;
    commit and chain;
end
$$;
