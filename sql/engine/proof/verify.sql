-- Rows that can still be reached from any key that the run recorded, undone or not, and that no other run has
-- come to own since; not what was released. Rows whose parents are gone cannot be reached: find_orphans finds those.
-- Errors: UW001, UW008, UW009.
create or replace function unwind_internal.verify(run_id text)
returns table (table_name text, rows_left bigint)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_workflow text := unwind_internal.planned_workflow(run_id);
    v_ledger text;
    v_anchors text;
begin
    v_ledger := format(
        's.run_id = %1$L and s.released_at is null '
        -- History recorded under another type may be no value of the columns any more.
        'and case when unwind_internal.is_readable(%2$L, s.step, s.entity_key) then '
        'not exists (select from unwind.plan_statements as r '
        'where r.workflow = %2$L and r.step = s.step and r.action = ''keys'' and unwind_internal.other_owner('
        'r.target, r.columns, unwind_internal.owned_key(r, s.entity_key), array[s.run_id]) is not null) '
        'else false end',
        verify.run_id, v_workflow
    );
    v_anchors := unwind_internal.render_anchors(v_workflow, v_ledger);
    return query
    select c.target::text, sum(c.row_count)::bigint
    from (
        select p.target, unwind_internal.count_rows(p, v_anchors) as row_count, p.ordinal
        from unwind.plan_statements as p
        where p.workflow = v_workflow and p.action = 'delete'
    ) as c
    group by c.target
    having sum(c.row_count) > 0
    order by min(c.ordinal);
end
$$;
