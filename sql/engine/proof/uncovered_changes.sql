-- What undoing a run would do in captured tables after its recorded keys have done their part: a row that these take,
-- and that the run found none in place of, is left out.
-- Errors: UW001, UW008, UW009, UW011; 42501 where the caller may not read a table.
create or replace function unwind_internal.uncovered_changes(run_id text)
returns table (
    table_name text, row_key text, action text, changed_columns text [], changed_by text,
    before jsonb, after jsonb, now jsonb
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_number constant bigint := (unwind_internal.known_run(run_id)).number;
begin
    perform from unwind_internal.touched_tables(array[v_number]) as t;
    if not found then
        return;
    end if;
    return query
    with reached as materialized (
        select r.table_name, r.row_key from unwind_internal.reached_rows(uncovered_changes.run_id) as r
    )

    select
        c.table_name, c.row_key, c.action, c.changed_columns, array_to_string(nullif(c.changed_by, '{}'), ', '),
        c.before, c.after, c.now
    from unwind_internal.changes(array[v_number]) as c
    where c.before is not null
        or not exists (select from reached as r where r.table_name = c.table_name and r.row_key = c.row_key);
end
$$;
