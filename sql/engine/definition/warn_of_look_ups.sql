-- Says when a step is defined what check_workflow says of its root: that record_step cannot look into it.
create or replace function unwind_internal.warn_of_look_ups(workflow text, root_table regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_finding record;
begin
    for v_finding in
        select c.message, c.fix
        from unwind_internal.check_look_ups(warn_of_look_ups.workflow) as c
        where c.object = warn_of_look_ups.root_table::text
    loop
        raise warning '%', v_finding.message using hint = v_finding.fix;
    end loop;
end
$$;
