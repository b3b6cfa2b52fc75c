-- The runs without which these cannot be undone, and those without which those cannot, and so on (blocking_runs): each
-- once, with the reason that was found first. All are live, for a run that is COMPENSATED owns nothing.
create or replace function unwind_internal.dependent_runs(run_ids text [])
returns table (run_id text, reason text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_known text [] := run_ids;
    v_next text [] := run_ids;
    v_workflow text;
    v_batch text [];
    v_found text [];
    v_run record;
begin
    while v_next <> '{}' loop
        v_found := '{}';
        for v_workflow, v_batch in
            select r.workflow, array_agg(r.id order by r.id)
            from unwind.workflow_runs as r
            where r.id = any(v_next)
            group by r.workflow
            order by r.workflow
        loop
            for v_run in
                select b.* from unwind_internal.blocking_runs(v_workflow, v_batch) as b
            loop
                continue when v_run.run_id = any(v_known);
                v_known := v_known || v_run.run_id;
                v_found := v_found || v_run.run_id;
                run_id := v_run.run_id;
                reason := format(
                    case v_run.action
                        when 'guard' then 'its rows of %s would go with those of %s'
                        else 'its rows of %s refer to those of %s'
                    end,
                    v_run.target,
                    case cardinality(v_batch) when 1 then 'run ' || quote_literal(v_batch[1])
                        else format('runs of workflow %L', v_workflow) end
                );
                return next;
            end loop;
        end loop;
        v_next := v_found;
    end loop;
end
$$;
