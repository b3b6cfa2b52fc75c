-- Whether a kept undo would be made otherwise now, or was since it was in this state. Declared immutable, though it
-- reads, as is_stale is: it is asked once a plan, and whatever changes one of the tables throws the plan away.
-- SECURITY DEFINER, for nobody reads which there are; it tells nothing else.
create or replace function unwind_internal.is_changed(function_name text, state text)
returns boolean
language plpgsql
immutable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return unwind_internal.kept_state(function_name) is distinct from state;
end
$$;
