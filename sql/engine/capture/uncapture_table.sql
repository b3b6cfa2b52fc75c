-- Ends the capture of tables: triggers, trigger functions and images go. Not while a run that has not ended has images
-- there. All or none.
-- Errors: UW009, UW010; 55006 while such a run is there.
create or replace function unwind.uncapture_table(variadic table_names regclass [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_table regclass;
    v_captured unwind_internal.captured_tables;
begin
    perform unwind_internal.lock_definitions();
    for v_table in
        select distinct on (t.name::text) t.name from unnest(table_names) as t (name) order by t.name::text
    loop
        v_captured := unwind_internal.captured_table(v_table);
        perform unwind_internal.drop_triggers(v_table); -- waits for whoever is writing
        if unwind_internal.has_live_images(v_captured.log_name) then
            raise '% has images of runs that have not ended', v_table
            using errcode = 'object_in_use',
                detail = 'Without them these runs could not be undone.',
                hint = 'Undo or complete them first: select * from unwind.workflow_runs '
                    'where status in (''RUNNING'', ''FAILED'', ''COMPENSATING'');';
        end if;
        perform unwind_internal.drop_log(v_captured);
    end loop;
    perform unwind_internal.assert_cascades_captured(array(
        select c.table_name from unwind_internal.captured_tables as c
    ));
end
$$;
comment on function unwind.uncapture_table(regclass []) is
'Ends the capture of tables and drops their images; not while a run that has not ended has images there. All or none. '
'Errors: UW009, UW010, 55006.';
