-- The function that records a key of a step, and says so; false where there is something to be said about that key, of
-- which record_step then takes care: an owner, a row that is there, drift, a right that is lacking. In that case it has
-- written nothing. It knows the steps of one root, and that a plain one (is_recordable).
create or replace function unwind_internal.render_record(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select unwind_internal.render_function(
        unwind_internal.function_name(render_record.workflow, 'record'),
        'run_id text, step text, entity_key text[]', 'boolean',
        coalesce(
            '#variable_conflict use_variable
declare
    v_role constant pg_catalog.name := unwind_internal.acting_role();
begin
    ' || string_agg(unwind_internal.render_record_step(p), E'\n    els' order by p.ordinal desc) || '
    end if;
    return false;
end',
            'begin
    return false; -- no step has one plain root
end'
        )
    )
    from unwind.plan_statements as p
    where p.workflow = render_record.workflow
        and unwind_internal.is_recordable(p)
        and not exists (
            select from unwind.plan_statements as o
            where o.workflow = p.workflow and o.step = p.step and o.action = 'keys' and o.ordinal <> p.ordinal
        )
$$;
