-- Says what the current transaction of an undo in batches has deleted, and how far that is: of a table, or of several
-- small ones together. The detail is of the last of them.
-- SECURITY DEFINER, and looks by itself at who asks.
-- Errors: UW001; 42501 for a run of somebody else's.
create or replace function unwind_internal.tell_of_batch(run_id text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_told record;
begin
    perform unwind_internal.assert_may_act(run_id);
    select
        count(*) over () as tables,
        sum(p.rows_done) over () as rows_done,
        sum(greatest(p.rows_expected, p.rows_done)) over () as rows_expected,
        p as last
    into v_told
    from unwind_internal.batch_progress as p
    where p.run_id = tell_of_batch.run_id and p.updated_at = now()
    order by p.place desc
    limit 1;
    if found then
        raise notice 'run %: % of % rows of % deleted', quote_literal(run_id), v_told.rows_done, v_told.rows_expected,
            case v_told.tables when 1 then (v_told.last).table_name else format('%s tables', v_told.tables) end
        using detail = json_build_object(
            'run_id', run_id, 'step', (v_told.last).step, 'table_name', (v_told.last).table_name,
            'rows_done', (v_told.last).rows_done, 'rows_expected', (v_told.last).rows_expected
        )::text;
    end if;
end
$$;
