-- Rows that can still be reached from any key that these runs recorded, undone or not, and that no other run has come
-- to own since; not what was released. Rows whose parents are gone cannot be reached: find_orphans finds those.
create or replace function unwind_internal.rows_left(workflow text, run_ids text [])
returns table (target regclass, row_count bigint)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ledger text;
    v_anchors text;
begin
    v_ledger := format(
        's.run_id = any(%1$L) and s.released_at is null '
        -- History recorded under another type may be no value of the columns any more.
        'and case when unwind_internal.is_readable(%2$L, s.step, s.entity_key) then '
        'not exists (select from unwind.plan_statements as r '
        'where r.workflow = %2$L and r.step = s.step and r.action = ''keys'' and unwind_internal.other_owner('
        'r.target, r.columns, unwind_internal.owned_key(r, s.entity_key), %1$L) is not null) '
        'else false end',
        run_ids, workflow
    );
    v_anchors := unwind_internal.render_anchors(workflow, v_ledger);
    return query
    select c.target, sum(c.row_count)::bigint
    from (
        select p.target, unwind_internal.count_rows(p, v_anchors) as row_count, p.ordinal
        from unwind.plan_statements as p
        where p.workflow = rows_left.workflow and p.action = 'delete'
    ) as c
    group by c.target
    having sum(c.row_count) > 0
    order by min(c.ordinal);
end
$$;
