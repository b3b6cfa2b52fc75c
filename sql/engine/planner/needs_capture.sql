-- A table whose rows others refer to is captured when it is reached by several ways, by itself, or from so far that
-- one more join would be too many for PostgreSQL to order well (join_collapse_limit is 8). And where a join would be
-- needed that cannot be: of rows that are kept elsewhere, which are compared with keys alone; or in a workflow that
-- looks again, where a join finds nothing once the row is gone.
create or replace function unwind_internal.needs_capture(workflow text, step text, target regclass)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ways constant unwind_internal.plan_ways [] := unwind_internal.ways_to(workflow, step, target);
    v_way constant unwind_internal.plan_ways := v_ways[1];
begin
    return exists (
        select from unwind_internal.plan_links as f
        where f.workflow = needs_capture.workflow
            and f.parent_table = needs_capture.target
            and f.on_delete <> 'left alone'
            and (
                cardinality(v_ways) > 1
                or v_way.joins >= 4
                or f.child_table = f.parent_table
                or (v_way.joins > 0 or not (v_way.columns @> f.parent_columns and v_way.columns <@ f.parent_columns))
                and (
                    unwind_internal.looks_again(needs_capture.workflow)
                    or unwind_internal.is_kept_elsewhere(f.child_table)
                    or unwind_internal.is_kept_elsewhere(f.parent_table)
                )
            )
    );
end
$$;
