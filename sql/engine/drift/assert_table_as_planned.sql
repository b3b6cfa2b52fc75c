-- The table that this digest was made of is still what the plan takes it to be, and the plan is the caller's.
-- Volatile, so that its queries see what was committed while the caller waited for the table.
-- Errors: UW009.
create or replace function unwind_internal.assert_table_as_planned(workflow text, digest text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_planned unwind_internal.planned_tables;
    v_drift text [];
begin
    select t.* into v_planned
    from unwind_internal.planned_tables as t
    where t.workflow = assert_table_as_planned.workflow and t.digest = assert_table_as_planned.digest;
    if found then
        v_drift := array(select unwind_internal.table_drift(v_planned, false));
    else
        v_drift := coalesce(
            nullif(unwind_internal.workflow_drift(workflow), '{}'),
            array['it is planned otherwise since this call began']
        );
    end if;
    if v_drift <> '{}' then
        perform unwind_internal.raise_stale(workflow, v_drift);
    end if;
    perform unwind_internal.assert_sent_whole(workflow, v_planned.target);
end
$$;
