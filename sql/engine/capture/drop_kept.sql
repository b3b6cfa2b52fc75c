-- Drops the kept undos that name a log, or all.
create or replace function unwind_internal.drop_kept(log_name text default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name text;
begin
    for v_name in
        delete from unwind_internal.kept_undos as k
        where drop_kept.log_name = any(k.log_names) or drop_kept.log_name is null
        returning k.function_name
    loop
        execute format('drop function if exists unwind_compiled.%I', v_name);
    end loop;
end
$$;
