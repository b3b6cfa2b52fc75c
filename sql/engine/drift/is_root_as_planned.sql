-- Whether a root is the table of this digest, nothing of it has drifted, and it is still one that the generated
-- function can look at. Volatile, so that its queries see what was committed while the caller waited for the table.
create or replace function unwind_internal.is_root_as_planned(workflow text, digest text, target regclass)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select from unwind_internal.planned_tables as t
        where t.workflow = is_root_as_planned.workflow
            and t.target = is_root_as_planned.target
            and t.digest = is_root_as_planned.digest
            and not exists (select from unwind_internal.table_drift(t, false))
    ) and not exists (
        select from unwind.plan_statements as p
        where p.workflow = is_root_as_planned.workflow
            and p.target = is_root_as_planned.target
            and p.action = 'keys'
            and not unwind_internal.is_recordable(p)
    );
end
$$;
