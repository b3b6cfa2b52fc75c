-- The state in which a kept undo would be if it were made now (kept_undos); volatile, so that it sees what has been
-- committed by now, whatever the snapshot of who asks.
create or replace function unwind_internal.kept_state(function_name text)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select (b.undo).state
        from unwind_internal.kept_undos as k
        cross join lateral unwind_internal.kept_body(k.log_names, k.inserted_only) as b
        where k.function_name = kept_state.function_name and k.state = (b.undo).state
    );
end
$$;
