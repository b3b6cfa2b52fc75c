-- How many rows of each captured table a run inserted, updated and deleted, all in all, as far as there are images of
-- it; null where the table is gone, or the caller may not read all of it.
create or replace function unwind_internal.captured_counts(run_id text)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set row_security = on
set enable_seqscan = off
set jit = off
as $$
declare
    v_number constant bigint := (unwind_internal.known_run(run_id)).number;
    v_tables jsonb := '[]';
    v_captured unwind_internal.captured_tables;
    v_inserted bigint;
    v_updated bigint;
    v_deleted bigint;
begin
    for v_captured in
        select l.* from unwind_internal.logs_with_images(v_number) as l
    loop
        v_inserted := null;
        v_updated := null;
        v_deleted := null;
        if has_table_privilege(v_captured.table_name, 'SELECT') and not row_security_active(v_captured.table_name) then
            execute unwind_internal.render_captured_counts(v_captured)
            into v_inserted, v_updated, v_deleted
            using v_number;
        end if;
        v_tables := v_tables || jsonb_build_object(
            'table_name', v_captured.log_name,
            'rows_inserted', v_inserted,
            'rows_updated', v_updated,
            'rows_deleted', v_deleted
        );
    end loop;
    return v_tables;
end
$$;
