-- Commits what the current transaction of an undo in batches has deleted, and says so.
-- A procedure that commits cannot pin search_path.
create or replace procedure unwind_internal.commit_batch(run_id text)
language plpgsql
as $$
begin
    perform unwind_internal.tell_of_batch(run_id);
    commit and chain;
end
$$;
