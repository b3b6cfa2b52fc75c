-- The runs without which these cannot be undone, and those without which those cannot, and so on: those whose rows are
-- in the way (blocking_runs), and those that have since changed what these changed in captured tables. Each once, with
-- the reason that was found first. None is COMPENSATED, for such a run owns nothing.
-- Errors: UW011; 42501 where the caller may not read a captured table.
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
        -- Of all together, for what one of them has changed since is no conflict of another.
        for v_run in
            select b.id, c.table_name
            from unwind_internal.changes(
                array(select r.number from unwind.workflow_runs as r where r.id = any(v_known))
            ) as c
            cross join unnest(c.changed_by) as b (id)
            inner join unwind.workflow_runs as r on r.id = b.id and r.status <> 'COMPENSATED'
            group by b.id, c.table_name
            order by b.id, c.table_name
        loop
            continue when v_run.id = any(v_known);
            v_known := v_known || v_run.id;
            v_found := v_found || v_run.id;
            run_id := v_run.id;
            reason := format('it has changed rows of %s since', v_run.table_name);
            return next;
        end loop;
        v_next := v_found;
    end loop;
end
$$;
