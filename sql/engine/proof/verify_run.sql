-- What is left of a run (verify), as this transaction has defined it.
-- In captured tables: rows that are as the run left them, and not as it found them. A row that both say is counted
-- once.
-- Errors: UW001, UW008, UW009, UW011; 42501 where the caller may not read a captured table.
create or replace function unwind.verify_run(run_id text)
returns table (table_name text, rows_left bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.compile_in_time();
    return query
    with left_over as materialized (
        select v.table_name, v.rows_left, v.place
        from unwind_internal.verify(run_id) with ordinality as v (table_name, rows_left, place)
        union all
        select unwind_internal.qualified_name(c.table_name::regclass), count(*), null
        from unwind.workflow_runs as r
        cross join lateral unwind_internal.changes(array[r.number]) as c
        where r.id = verify_run.run_id and c.action <> 'conflict'
        group by c.table_name
    )

    select l.table_name, max(l.rows_left)
    from left_over as l
    group by l.table_name
    order by min(l.place), l.table_name;
end
$$;
comment on function unwind.verify_run(text) is
'Rows of the run that are still there, per table; no row means none left. In captured tables: what it changed and '
'is not restored. Errors: UW001, UW008, UW009, UW011, 42501.';
