-- The end of an undo of runs, or of single steps of them: a receipt for each run that lost rows, and, where they are
-- marked, the status of whole runs, by which whoever reads COMPENSATED reads it with the deletes; of single steps the
-- ledger.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where a run is COMPENSATED already.
create or replace function unwind_internal.close_runs(
    run_ids text [], only_steps text [], marking boolean,
    runs text [], steps text [], tables text [], counts bigint []
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_sort = off -- rather than hash: how many rows an array holds is not known, and text takes long to compare
set jit = off
as $$
declare
    v_closed text [];
begin
    if marking and only_steps is null then
        v_closed := unwind_internal.mark_undone(run_ids);
    else
        v_closed := unwind_internal.note_receipts(run_ids);
    end if;
    insert into unwind_internal.receipts (run_id, steps, tables, counts, compensated_by, login)
    select t.run_id, t.steps, t.tables, t.counts, unwind_internal.acting_role(), session_user
    from (
        select
            d.run_id, array_agg(d.step) as steps, array_agg(d.table_name) as tables, array_agg(d.rows_deleted) as counts
        from (
            select d.run_id, d.step, d.table_name, sum(d.rows_deleted)::bigint as rows_deleted
            from unnest(runs, close_runs.steps, close_runs.tables, close_runs.counts)
                with ordinality as d (run_id, step, table_name, rows_deleted, place)
            where d.rows_deleted > 0
            group by d.run_id, d.step, d.table_name
            order by min(d.place) -- once; an order of its own would have each array of each run sorted
        ) as d
        group by d.run_id
        order by d.run_id
    ) as t
    -- Whoever calls this by itself writes receipts of no other's runs. Asked for so that it is hashed.
    where (t.run_id in (select c.id from unnest(v_closed) as c (id))) is true;
    if marking and only_steps is not null then
        update unwind_internal.ledger as l
        set compensated_at = now()
        where l.run_id = any(run_ids)
            and l.step = any(only_steps)
            and l.compensated_at is null
            and l.released_at is null;
    end if;
end
$$;
