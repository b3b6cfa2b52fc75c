-- Errors: UW007, always.
create or replace function unwind_internal.raise_still_reached(
    run_id text,
    root unwind.plan_statements,
    entity_key text [],
    statement unwind.plan_statements,
    parent_values text []
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_parent unwind.plan_statements := unwind_internal.anchor_of(statement);
    v_key text := format('%s (%s)=(%s)', coalesce(v_parent.target::text, 'a table in a cycle'),
        array_to_string(v_parent.columns, ', '), array_to_string(parent_values, ', '));
begin
    raise '% (%)=(%) would go all the same, with %', root.target, array_to_string(root.columns, ', '),
        array_to_string(entity_key, ', '), v_key
    using errcode = 'UW007',
        detail = format('Step %L of run %L leads to it from %s.', statement.step, run_id, v_key),
        hint = case
            when v_parent.action = 'keys' then format(
                'Release that first: select unwind.release_entity(%L, %L, variadic %L);',
                run_id, v_parent.step, parent_values
            )
            else format('Release first what it hangs below: select step, entity_key from unwind.run_steps '
                'where run_id = %L and step = %L;', run_id, statement.step)
        end,
        table = root.target::text;
end
$$;
