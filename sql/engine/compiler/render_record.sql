-- The function that records a key of a step, and says so; false where there is something to be said about that key, of
-- which record_step then takes care: an owner, a row that is there, drift, a right that is lacking. In that case nothing
-- is in the ledger.
create or replace function unwind_internal.render_record(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select unwind_internal.render_function(
        unwind_internal.function_name(render_record.workflow, 'record'),
        'run_id text, step text, entity_key text[]', 'boolean', coalesce(
            '#variable_conflict use_variable
declare
    v_role constant pg_catalog.name := unwind_internal.acting_role();
begin
    ' || string_agg(
                unwind_internal.render_record_step(render_record.workflow, s.step), E'\n    els' order by s.position
            ) || '
    else
        return false;
    end if;
    insert into unwind_internal.ledger (run_id, step, entity_key)
    values (run_id, step, entity_key)
    on conflict do nothing;
    return found;
end',
            'begin
    return false; -- no step with plain roots alone (is_recordable)
end'
        )
    )
    from unwind.workflow_steps as s
    where s.workflow = render_record.workflow
        and (
            select bool_and(unwind_internal.is_recordable(p))
            from unwind.plan_statements as p
            where p.workflow = s.workflow and p.step = s.step and p.action in ('keys', 'call')
        )
$$;
