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
    return not exists (
        select from unwind_internal.kept_undos as k
        cross join lateral unwind_internal.kept_body(k.log_names, k.inserted_only) as b
        where k.function_name = is_changed.function_name
            and k.state = is_changed.state and (b.undo).state = k.state
    );
end
$$;
