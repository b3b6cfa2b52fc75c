-- The batches of a run that begin_batches has claimed: stage by stage, last step first; in each the plan's deletions,
-- then the end of the stage; and the end of the run. A transaction takes a batch of rows: one of a big table's, or
-- several small parts one after the other, until the next is expected not to fit. The keys of a statement's rows are
-- found once; of what has these keys when its batch comes, that goes which the plan still means. A batch without keys
-- is repeated until it finds no more. Where a table refers to itself the leaves go first, pass by pass. The first
-- error ends it: failure.
-- A procedure that commits cannot pin search_path.
create or replace procedure unwind_internal.run_batches(
    run_id text, workflow text, batch_size int, worker text, rows_expected bigint [], inout failure jsonb
)
language plpgsql
as $$
declare
    v_room bigint := batch_size;
    v_anchors pg_catalog.text;
    v_stage int;
    v_part pg_catalog.record;
    v_batch pg_catalog.record;
    v_is_big boolean;
    v_has_key boolean;
    v_done pg_catalog.record;
    v_gone bigint;
begin
    foreach v_stage in array unwind_internal.live_stages(run_id, workflow) loop
        v_anchors := unwind_internal.render_anchors(
            workflow, unwind_internal.render_live_condition(array[run_id])
        );
        for v_part in
            select p.* from unwind_internal.stage_parts(workflow, v_stage, rows_expected, batch_size) as p
        loop
            -- A search, too, may take long, and what went before is held meanwhile.
            if v_part.row_count operator(pg_catalog.>) v_room then
                call unwind_internal.commit_batch(run_id);
                v_room := batch_size;
            end if;
            if (v_part.statement).ordinal is null then
                select a.failure into failure from unwind_internal.undo_part(
                    run_id, worker, workflow, v_stage, null, null, null
                ) as a;
                if failure is not null then
                    call unwind_internal.commit_batch(run_id);
                    return;
                end if;
                v_room := v_room operator(pg_catalog.-) v_part.row_count;
                continue;
            end if;
            v_is_big := v_part.row_count operator(pg_catalog.>) batch_size;
            v_has_key := unwind_internal.row_key((v_part.statement).target) is not null;
            loop
                v_gone := 0;
                for v_batch in
                    select b.* from unwind_internal.find_batches(v_part.statement, v_anchors, batch_size) as b
                loop
                    loop
                        if v_is_big or v_batch.row_count operator(pg_catalog.>) v_room then
                            call unwind_internal.commit_batch(run_id);
                            v_room := batch_size;
                        end if;
                        select a.* into v_done from unwind_internal.undo_part(
                            run_id, worker, workflow, v_stage, v_part.statement, v_batch.batch, v_room
                        ) as a;
                        failure := v_done.failure;
                        if failure is not null then
                            call unwind_internal.commit_batch(run_id);
                            return;
                        end if;
                        v_room := v_room operator(pg_catalog.-) v_done.gone;
                        v_gone := v_gone operator(pg_catalog.+) v_done.gone;
                        exit when v_has_key or v_done.gone operator(pg_catalog.=) 0;
                    end loop;
                end loop;
                -- Leaves are gone: what they hung below may be leaves now.
                exit when v_gone operator(pg_catalog.=) 0
                    or unwind_internal.render_leaf(v_part.statement, false) operator(pg_catalog.=) '';
            end loop;
            if v_is_big then
                v_room := 0;
            end if;
        end loop;
    end loop;
    select a.failure into failure from unwind_internal.undo_part(
        run_id, worker, workflow, null, null, null, null
    ) as a;
    call unwind_internal.commit_batch(run_id);
end
$$;
