-- Recorded keys of runs whose rows were there before, as their images say.
-- SECURITY DEFINER, for nobody reads logs; it tells keys that whoever sees the run finds in its ledger.
create or replace function unwind_internal.found_keys(run_ids text [])
returns table (run_id text, step text, entity_key text [])
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
    v_root record;
begin
    for v_root in
        select distinct s.workflow, s.step, s.key_columns, c as captured
        from unwind.step_roots as s
        inner join unwind_internal.captured_tables as c on c.table_name = s.root_table
        inner join unwind.workflow_runs as r on r.workflow = s.workflow
        where r.id = any(found_keys.run_ids) and s.key_columns <@ c.columns
            and exists (
                select from unwind_internal.ledger as g
                where g.run_id = r.id and g.step = s.step and g.compensated_at is null and g.released_at is null
            )
    loop
        return query execute unwind_internal.render_found_keys(v_root.captured, v_root.key_columns)
        using found_keys.run_ids, v_root.workflow, v_root.step;
    end loop;
end
$$;
