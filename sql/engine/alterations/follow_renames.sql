-- Definitions and owners follow columns to their names of today, in all workflows: the plan of this one knows which
-- columns were meant. Owners that nobody's plan can lead out of a dead name are made anew.
-- Errors: UW009 where an entity would belong to two runs.
create or replace function unwind_internal.follow_renames(workflow text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_table regclass;
begin
    for v_table in
        select distinct p.target from unwind_internal.planned_columns as p
        where p.workflow = follow_renames.workflow and p.state = 'renamed'
    loop
        perform unwind_internal.rename_columns(v_table, workflow);
    end loop;
    for v_table in
        select distinct r.root_table
        from unwind.step_roots as r
        cross join unwind_internal.owner_keys(r.root_table) as k (key_columns)
        cross join unnest(k.key_columns) as c (name)
        where r.workflow = follow_renames.workflow
            and unwind_internal.column_type(r.root_table, c.name) is null
    loop
        perform unwind_internal.own_anew(v_table);
    end loop;
end
$$;
