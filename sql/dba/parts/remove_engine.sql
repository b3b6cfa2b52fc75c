-- Without its ledger a live run could never be undone, so the engine does not go while there is one. The lock
-- keeps new runs out until it is gone.
lock table unwind.workflow_runs in access exclusive mode;

do $$
declare
    v_live bigint;
    v_example text;
begin
    select count(*), min(r.id)
    into v_live, v_example
    from unwind.workflow_runs as r
    where r.status in ('RUNNING', 'FAILED', 'COMPENSATING');

    if v_live > 0 then
        raise exception 'pgunwind cannot be removed: % of its runs are live, among them %', v_live, v_example
            using
                errcode = 'object_in_use',
                detail = 'RUNNING, FAILED and COMPENSATING runs need the ledger to be undone.',
                hint = format(
                    'Undo each with: select * from unwind.compensate_run(%L); or end it with: '
                    'select unwind.complete_run(%L); and try again.', v_example, v_example
                );
    end if;
end
$$;

drop schema if exists unwind_captured cascade;
drop schema unwind_compiled cascade;
drop schema unwind_internal cascade;
