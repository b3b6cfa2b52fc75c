-- Undoes runs that failed alone for rows that are in the way: perhaps those of another one among them. All in this
-- transaction, step by step; those that cannot be undone even so stay as they were: failures says why, a run each.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW008; what ails the server rather than the run goes on (at_fault).
create or replace function unwind_internal.undo_together(run_ids text [], out failures jsonb)
language plpgsql
as $$
declare
    v_left pg_catalog.text [] := run_ids;
    v_next pg_catalog.text [];
    v_failed pg_catalog.text [];
    v_failures pg_catalog.jsonb;
    v_message pg_catalog.text;
    v_detail pg_catalog.text;
    v_hint pg_catalog.text;
begin
    failures := '{}';
    while pg_catalog.cardinality(v_left) operator(pg_catalog.>) 0 loop
        begin
            v_failures := unwind_internal.undo_by_ledger(v_left, true);
            if v_failures operator(pg_catalog.=) '{}' then
                set constraints all immediate;
                return;
            end if;
            raise sqlstate 'UW999'; -- takes back what did go
        exception
            when sqlstate 'UW999' then
                null;
            when assert_failure or query_canceled or others then -- others alone leaves out the first two
                if unwind_internal.at_fault(sqlstate) operator(pg_catalog.=) 'server' then
                    raise;
                end if;
                -- What was deferred to the commit says nothing of whose it was.
                get stacked diagnostics
                    v_message = message_text, v_detail = pg_exception_detail, v_hint = pg_exception_hint;
                select pg_catalog.jsonb_object_agg(l.id, pg_catalog.jsonb_build_object(
                    'sqlstate', sqlstate, 'message', v_message, 'detail', v_detail, 'hint', v_hint
                )) into v_failures
                from pg_catalog.unnest(v_left) as l (id);
        end;
        failures := failures operator(pg_catalog.||) v_failures;
        -- Runs that block each other go together or not at all, and may have failed for the sake of a third.
        v_failed := array(select f.id from pg_catalog.jsonb_object_keys(v_failures) as f (id));
        v_next := unwind_internal.leave_out_blocked(v_left, v_failed);
        if v_next operator(pg_catalog.=) v_left then
            v_next := array(
                select l.id from pg_catalog.unnest(v_left) as l (id) where l.id operator(pg_catalog.<>) all(v_failed)
            );
        end if;
        v_left := v_next;
        failures := failures operator(pg_catalog.-) v_left;
    end loop;
end
$$;
