-- Errors: UW017, always.
create or replace function unwind_internal.raise_entity_exists(
    run_id text, root unwind.plan_statements, entity_key text []
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_arguments constant text := format('(%L, %L, variadic %L)', run_id, root.step, entity_key);
begin
    raise '% (%)=(%) is there already', root.target, array_to_string(root.columns, ', '),
        array_to_string(entity_key, ', ')
    using errcode = 'UW017',
        detail = format('This transaction did not write it, and to undo run %L would delete it.', run_id),
        hint = format(
            'If it may be there before the step, as under an upsert: select unwind.record_if_new%1$s; if this run made '
            'it in an earlier transaction: select unwind.adopt_entity%1$s; and record before you write.', v_arguments
        ),
        table = root.target::text;
end
$$;
