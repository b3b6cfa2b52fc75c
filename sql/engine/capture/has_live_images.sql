-- Whether a log has images of runs that have not ended.
create or replace function unwind_internal.has_live_images(log_name text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_found boolean;
begin
    execute format(
        'select exists (select from unwind.workflow_runs as r '
        'where r.status in (''RUNNING'', ''FAILED'', ''COMPENSATING'') '
        'and exists (select from unwind_captured.%I as l where l."~run" = r.number))', log_name
    ) into v_found;
    return v_found;
end
$$;
