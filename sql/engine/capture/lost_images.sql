-- What an undo of these runs that skips leaves as it is because its table was dropped: a row per table and run, with
-- the number of rows.
-- SECURITY DEFINER, for nobody reads logs; it tells counts of runs of the caller's.
create or replace function unwind_internal.lost_images(numbers bigint [], logs text [])
returns setof unwind_internal.image_receipt
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_captured unwind_internal.captured_tables;
begin
    for v_captured in
        select c.* from unwind_internal.captured_tables as c
        where c.log_name = any(logs)
            and not exists (select from pg_class as t where t.oid = c.table_name)
        order by c.log_name
    loop
        return query execute format(
            'select %L::text, l."~run", 0::bigint, 0::bigint, 0::bigint, count(distinct row(%s)) '
            'from unwind_captured.%I as l '
            'inner join unwind.workflow_runs as r '
            'on r.number = abs(l."~run") and unwind_internal.may_act(r.started_by) '
            'where l."~run" = any($1) group by l."~run"',
            v_captured.log_name, unwind_internal.column_list(v_captured.key_columns, 'l'), v_captured.log_name
        ) using numbers;
    end loop;
end
$$;
