-- What has gone of these runs since it was so many rows (before) is, over all their workflows, not more than it may be.
-- Errors: UW019.
create or replace function unwind_internal.assert_rows_in_all(run_ids text [], max_rows bigint, before bigint)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rows constant bigint := unwind_internal.rows_deleted_in_all(run_ids) - before;
begin
    if v_rows > max_rows then
        perform unwind_internal.raise_too_many_rows(
            max_rows, run_ids, v_rows, array_agg('run ' || d.run_id), array_agg(d.rows_deleted)
        )
        from unwind_internal.rows_deleted_of(run_ids) as d;
    end if;
end
$$;
