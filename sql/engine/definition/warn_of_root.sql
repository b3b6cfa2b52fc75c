-- Says when a step is defined what check_workflow says of its root: that record_step cannot look into it, or that one
-- key can be many rows.
create or replace function unwind_internal.warn_of_root(workflow text, root_table regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_finding record;
begin
    for v_finding in
        select c.object, c.message, c.fix from unwind_internal.check_look_ups(warn_of_root.workflow) as c
        union all
        select c.object, c.message, c.fix from unwind_internal.check_keys(warn_of_root.workflow) as c
    loop
        continue when v_finding.object <> warn_of_root.root_table::text;
        raise warning '%', v_finding.message using hint = v_finding.fix;
    end loop;
end
$$;
