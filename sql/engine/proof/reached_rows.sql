-- Rows of captured tables that the run's recorded keys reach, by key, as render_key_text has them: what its undo takes
-- before it looks at images.
-- Errors: UW001, UW008, UW009.
create or replace function unwind_internal.reached_rows(run_id text)
returns table (table_name text, row_key text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set row_security = off
set jit = off
as $$
declare
    v_workflow constant text := unwind_internal.planned_workflow(run_id);
    v_anchors constant text := unwind_internal.render_anchors(
        v_workflow, unwind_internal.render_undone_keys(reached_rows.run_id)
    );
    v_each record;
begin
    for v_each in
        select p as statement, c as captured
        from unwind.plan_statements as p
        inner join unwind_internal.all_captured() as c
            on c.table_name = coalesce(pg_partition_root(p.target), p.target::regclass)
        where p.workflow = v_workflow and p.action = 'delete'
        order by p.ordinal
    loop
        return query execute format(
            '%sselect %L::text, %s from %s', v_anchors, (v_each.captured).table_name::text,
            unwind_internal.render_key_text(v_each.captured, 't'),
            unwind_internal.render_rows(v_each.statement, 'delete')
        );
    end loop;
end
$$;
