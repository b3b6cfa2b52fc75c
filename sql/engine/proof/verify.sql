-- What is left of a run, by table (rows_left).
-- Errors: UW001, UW008, UW009.
create or replace function unwind_internal.verify(run_id text)
returns table (table_name text, rows_left bigint)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select l.target::text, l.row_count
    from unwind_internal.rows_left(unwind_internal.planned_workflow(run_id), array[run_id]) as l;
end
$$;
