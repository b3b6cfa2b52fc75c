-- Keeps in which tables that are not captured this transaction has deleted rows of these runs, by their recorded keys:
-- they cannot come back.
-- SECURITY DEFINER, and looks by itself at who asks: the caller may act on the run, and its receipts are of this very
-- transaction.
create or replace function unwind_internal.note_lost_tables(run_ids text [])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
    update unwind_internal.restorable_runs as s
    set lost_tables = l.lost_tables
    from (
        select r.number, array_agg(distinct d.table_name) as lost_tables
        from unwind.workflow_runs as r
        inner join unwind_internal.receipts as c on c.run_id = r.id and c.kind = 'undo' and c.compensated_at = now()
        cross join unnest(c.tables, c.counts) as d (table_name, rows_deleted)
        where r.id = any(run_ids) and r.updated_at = now() and unwind_internal.may_act(r.started_by)
            and d.rows_deleted > 0
            and not exists (
                select from unwind_internal.captured_tables as t where t.table_name = to_regclass(d.table_name)
            )
        group by r.number
    ) as l
    where s.run = l.number;
end
$$;
