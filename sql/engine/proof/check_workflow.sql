-- Everything that would make a compensation of this workflow fail, crawl or miss rows, each with its fix.
-- Broken definitions come first: with those no plan can be made, and the rest waits until they are mended.
-- Rights and policies are those of the current role; what only the owner can look into is left out for others.
-- Errors: UW008.
create or replace function unwind.check_workflow(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language plpgsql
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
    perform unwind_internal.compile_in_time();
    perform unwind_internal.assert_workflow(workflow);
    return query select c.* from unwind_internal.check_definitions(workflow) as c;
    if found then
        return;
    end if;
    return query
    select c.* from unwind_internal.check_plan_is_current(workflow) as c
    union all
    select c.* from unwind_internal.check_inbound(workflow) as c
    union all
    select c.* from unwind_internal.check_partitions(workflow) as c
    union all
    select c.* from unwind_internal.check_disabled_keys(workflow) as c
    union all
    select c.* from unwind_internal.check_detached(workflow) as c
    union all
    select c.* from unwind_internal.check_set_null(workflow) as c
    union all
    select c.* from unwind_internal.check_constraints(workflow) as c
    union all
    select c.* from unwind_internal.check_publications(workflow) as c
    union all
    select c.* from unwind_internal.check_rules(workflow) as c
    union all
    select c.* from unwind_internal.check_policies(workflow) as c
    union all
    select c.* from unwind_internal.check_rights(workflow) as c
    union all
    select c.* from unwind_internal.check_look_ups(workflow) as c
    union all
    select c.* from unwind_internal.check_elsewhere(workflow) as c
    union all
    select c.* from unwind_internal.check_keys(workflow) as c
    union all
    select c.* from unwind_internal.check_large_objects(workflow) as c
    union all
    select c.* from unwind_internal.check_indexes(workflow) as c
    union all
    select c.* from unwind_internal.check_isolation() as c;
end
$$;
comment on function unwind.check_workflow(text) is
'What would make a compensation fail, crawl or miss rows: severity (error, warning), code, object, message and the '
'SQL that fixes it. No row means nothing found. Errors: UW008.';
