-- What becomes of the recorded keys in key_moves, which are no values of their columns any more or find no row:
-- history stays as it is. Those that could still be undone are refused or, where somebody has said so, released; not
-- those of a RUNNING run, whose rows may yet come. way_back: what keeps the keys as they are, so that the runs can be
-- undone.
-- Errors: UW009.
create or replace function unwind_internal.settle_lost_keys(
    tbl regclass, release boolean, reason text, way_back text default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lost record;
begin
    if release then
        with released as (
            update unwind_internal.ledger as l
            set released_at = clock_timestamp(), released_by = current_user
            from unwind_internal.key_moves as m, unwind.workflow_runs as r
            where l.run_id = m.run_id and l.step = m.step and l.entity_key = m.entity_key and r.id = l.run_id
                and l.compensated_at is null and l.released_at is null
                and r.status not in ('RUNNING', 'COMPENSATED')
            returning l.run_id, l.step, l.entity_key
        )

        insert into unwind.audit_log (action, role, run_id, step, entity_key, detail)
        select 'released', current_user, u.run_id, u.step, u.entity_key, format('in %s it %s', tbl, reason)
        from released as u;
    end if;
    select m.run_id, m.step, m.entity_key, r.status, r.workflow into v_lost
    from unwind_internal.key_moves as m
    inner join unwind_internal.ledger as l on l.run_id = m.run_id and l.step = m.step and l.entity_key = m.entity_key
    inner join unwind.workflow_runs as r on r.id = m.run_id
    where l.compensated_at is null and l.released_at is null and r.status <> 'COMPENSATED'
    order by m.run_id, m.step, m.entity_key
    limit 1;
    if found then
        raise 'key (%) of step %, recorded by run %, %', array_to_string(v_lost.entity_key, ', '),
            quote_literal(v_lost.step), quote_literal(v_lost.run_id), reason
        using errcode = 'UW009',
            detail = format(
                'What that run, which is %s, made in %s could not be found by it any more.', v_lost.status, tbl
            ),
            hint = unwind_internal.lost_key_hint(
                v_lost.workflow, v_lost.run_id, v_lost.step, v_lost.entity_key, v_lost.status, way_back
            ),
            table = tbl::text;
    end if;
    delete from unwind_internal.key_moves;
end
$$;
