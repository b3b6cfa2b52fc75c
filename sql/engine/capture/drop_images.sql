-- Drops the images of these numbers, and says which of them had some: one DELETE per captured table.
create or replace function unwind_internal.drop_images(numbers bigint [])
returns bigint []
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_log text;
    v_some bigint [];
    v_all bigint [] := '{}';
begin
    foreach v_log in array coalesce(unwind_compiled.logs_of(numbers), '{}') loop
        execute format(
            'with gone as (delete from unwind_captured.%I as l where l."~run" = any($1) returning l."~run") '
            'select array_agg(distinct g."~run") from gone as g', v_log
        ) into v_some using numbers;
        v_all := v_all || v_some;
    end loop;
    return v_all;
end
$$;
