-- How much room the images of each captured table take, and since when: for whoever decides how long they are kept.
-- SECURITY DEFINER, for nobody reads logs; it tells sizes and an age.
create or replace function unwind_internal.check_images()
returns table (severity text, code text, object text, message text, fix text)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_log text;
    v_size bigint;
    v_oldest timestamptz;
begin
    for v_log, v_size in
        select c.log_name, pg_total_relation_size(t.oid)
        from unwind_internal.captured_tables as c
        inner join pg_class as t on t.relname = c.log_name and t.relnamespace = 'unwind_captured'::regnamespace
        order by c.log_name
    loop
        execute format(
            'select r.created_at from unwind.workflow_runs as r '
            'where r.number = least((select min(l."~run") from unwind_captured.%1$I as l where l."~run" > 0), '
            '- (select max(l."~run") from unwind_captured.%1$I as l where l."~run" < 0))', v_log
        ) into v_oldest;
        continue when v_oldest is null;
        return query values (
            'info', 'images', v_log,
            format('its images take %s; the oldest are of a run that began at %s', pg_size_pretty(v_size), v_oldest),
            'select unwind.purge_runs(older_than => ...);'
        );
    end loop;
end
$$;
