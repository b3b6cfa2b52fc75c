-- The call that undoes these runs together, to be pasted; with force where a run of them would be refused without.
create or replace function unwind_internal.call_to_undo(run_ids text [])
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format('select * from unwind.compensate_runs(%L%s);', call_to_undo.run_ids, case
        when exists (
            select from unwind.workflow_runs as r
            where r.id = any(call_to_undo.run_ids)
                and (
                    r.status = 'COMPLETED'
                    or (
                        r.claimed_by <> coalesce(unwind_internal.speaker(), '')
                        and r.lease_expires_at > unwind_internal.clock()
                    )
                )
        ) then ', force => true'
        else ''
    end)
$$;
