-- Takes an entity out of a run's undo: its row is kept, nobody's from now on, a stranger's for every later check.
-- For a row that others have come to use. The run may be RUNNING, FAILED or COMPLETED; a sweep that had given it up
-- tries again.
-- Errors: UW001, UW002, UW006, UW007 (another key of the run would delete the row all the same), UW008, UW009; 42501
-- without the right to delete the row; P0002 for a key that the run does not have.
create or replace function unwind.release_entity(run_id text, step text, variadic entity_key text [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_key text [] := unwind_internal.release_key(run_id, step, entity_key);
begin
    -- As the caller: the plan of the run reads tables of others.
    perform unwind_internal.assert_kept(run_id, step, v_key);
end
$$;
comment on function unwind.release_entity(text, text, text []) is
'Takes an entity out of a run''s undo: its row is kept, and nobody''s; written to unwind.audit_log. '
'Errors: UW001, UW002, UW006, UW007, UW008, UW009, 42501, P0002.';
