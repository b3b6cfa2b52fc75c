-- Forgets captured tables that were dropped, but those of whose rows a run that has not ended has images.
create or replace function unwind_internal.drop_lost_logs()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_captured unwind_internal.captured_tables;
begin
    for v_captured in
        select c.* from unwind_internal.captured_tables as c
        where not exists (select from pg_class as t where t.oid = c.table_name)
        order by c.log_name
    loop
        if not unwind_internal.has_live_images(v_captured.log_name) then
            perform unwind_internal.drop_log(v_captured);
        end if;
    end loop;
end
$$;
