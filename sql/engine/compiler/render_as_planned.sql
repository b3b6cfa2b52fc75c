-- The call of as_planned for the target of a statement, to be added to its condition. Nothing where its rows are kept
-- elsewhere: no condition there calls what is known here alone (render_elsewhere).
create or replace function unwind_internal.render_as_planned(statement unwind.plan_statements)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select case
            when unwind_internal.is_kept_elsewhere(t.target) then ''
            else format(E'\n            and unwind_internal.as_planned(%L, %L)', t.workflow, t.digest)
        end
        from unwind_internal.planned_tables as t
        where t.workflow = (render_as_planned.statement).workflow and t.target = (render_as_planned.statement).target
    );
end
$$;
