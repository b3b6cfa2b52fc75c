-- What is left of a run (verify), as this transaction has defined it.
-- Errors: UW001, UW008, UW009.
create or replace function unwind.verify_run(run_id text)
returns table (table_name text, rows_left bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.compile_in_time();
    return query select v.* from unwind_internal.verify(run_id) as v;
end
$$;
comment on function unwind.verify_run(text) is
'Rows of the run that are still there, per table; no row means none left. Errors: UW001, UW008, UW009.';
