-- The rows that are there under a key of a root: their versions, null where there is none; and the other runs that own
-- one of them by other columns. Locked FOR KEY SHARE where asked for, so that nobody deletes them meanwhile. Seen with
-- row_security = off, for a row that a policy hides would go all the same.
-- Errors: UW009, where the table has changed since the workflow was compiled; 42501, where the engine's owner may not
-- read the table.
create or replace function unwind_internal.look_up(
    root unwind.plan_statements, entity_key text [], run_id text, with_lock boolean,
    out versions text [], out owners text []
)
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
declare
    v_detail text;
begin
    if root.look_up is null then
        perform unwind_internal.raise_stale(
            root.workflow, array['the engine is newer than its plan'], null
        );
    end if;
    execute format(
        root.look_up,
        variadic array[root.target::text, case when with_lock then 'for key share of t' else '' end] || entity_key
    ) into versions, owners using array[run_id];
exception
    when insufficient_privilege then
        get stacked diagnostics v_detail = message_text;
        raise insufficient_privilege using
            message = format('rows of %s cannot be looked up', root.target),
            detail = format('%s (role %I, which owns the engine).', v_detail, unwind_internal.engine_owner()),
            hint = format('select * from unwind.check_workflow(%L);', root.workflow),
            table = root.target::text;
    when syntax_error_or_access_rule_violation then
        perform unwind_internal.assert_workflow_as_planned(root.workflow, sqlerrm);
        raise;
end
$$;
