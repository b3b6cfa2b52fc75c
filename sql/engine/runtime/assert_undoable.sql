-- Errors: UW005, UW006.
create or replace function unwind_internal.assert_undoable(run unwind.workflow_runs, force boolean)
returns void
language plpgsql
stable
as $$
begin
    if force then
        return;
    end if;
    if run.status operator(pg_catalog.=) 'COMPLETED' then
        raise 'run % is COMPLETED', pg_catalog.quote_literal(run.id)
        using errcode = 'UW005',
            detail = pg_catalog.format('It ended well at %s; undoing it deletes good rows.', run.completed_at),
            hint = pg_catalog.format(
                'If that is meant: select * from unwind.compensate_run(%L, force => true);', run.id
            );
    end if;
    if run.claimed_by is null then
        return;
    end if;
    if run.claimed_by operator(pg_catalog.<>) coalesce(unwind_internal.speaker(), '')
        and run.lease_expires_at operator(pg_catalog.>) unwind_internal.clock()
    then
        raise 'run % is claimed by %', pg_catalog.quote_literal(run.id), pg_catalog.quote_literal(run.claimed_by)
        using errcode = 'UW006',
            detail = pg_catalog.format('The claim is good until %s.', run.lease_expires_at),
            hint = pg_catalog.format(
                'Wait for it, or if that worker is gone: select * from unwind.compensate_run(%L, force => true);',
                run.id
            );
    end if;
end
$$;
