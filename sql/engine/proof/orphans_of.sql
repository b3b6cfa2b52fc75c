-- Child rows whose parent is gone, over the declared foreign keys (real ones cannot dangle, unless NOT VALID:
-- those are looked at too) of a workflow's tables, or of all. Not over those that run against a real key.
-- Errors: UW008.
create or replace function unwind_internal.orphans_of(workflow text)
returns table (
    child_table text,
    child_columns text [],
    parent_table text,
    parent_columns text [],
    orphans bigint,
    sample_keys text []
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
declare
    v_link record;
begin
    if workflow is not null then
        perform unwind_internal.assert_workflow(workflow);
    end if;
    for v_link in
        select f.child_table as child, f.child_columns as child_list, f.parent_table as parent,
            f.parent_columns as parent_list
        from unwind_internal.foreign_keys as f
        where (
                (
                    f.is_declared
                    and not unwind_internal.runs_against_key(
                        f.child_table, f.child_columns, f.parent_table, f.parent_columns
                    )
                )
                or exists (
                    select from pg_constraint as c
                    where c.conrelid = f.child_table and c.conname = f.constraint_name and not c.convalidated
                )
            )
            and (
                orphans_of.workflow is null
                or exists (
                    select from unwind_internal.plan_ways as w
                    where w.workflow = orphans_of.workflow and w.target = f.parent_table
                )
            )
        order by f.child_table::text, f.child_columns, f.parent_table::text
    loop
        child_table := v_link.child::text;
        child_columns := v_link.child_list;
        parent_table := v_link.parent::text;
        parent_columns := v_link.parent_list;
        execute unwind_internal.render_orphans(v_link.child, v_link.child_list, v_link.parent, v_link.parent_list)
        into orphans, sample_keys;
        if orphans > 0 then
            return next;
        end if;
    end loop;
end
$$;
