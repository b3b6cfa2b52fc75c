-- A recorded key whose row was there before the run, as an image says, anchors nothing: the row is to be restored, and
-- not deleted. So the undo begins with releasing it.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books. A run that is COMPENSATED has none left to
-- release.
create or replace function unwind_internal.release_found_keys(run_ids text [])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root record;
begin
    for v_root in
        select distinct s.workflow, s.step, s.key_columns, c as captured
        from unwind.step_roots as s
        inner join unwind_internal.captured_tables as c on c.table_name = s.root_table
        inner join unwind.workflow_runs as r on r.workflow = s.workflow
        where r.id = any(run_ids) and s.key_columns <@ c.columns
    loop
        execute unwind_internal.render_found_keys(v_root.captured, v_root.key_columns)
        using run_ids, v_root.workflow, v_root.step, unwind_internal.acting_role();
    end loop;
end
$$;
