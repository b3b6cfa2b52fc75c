-- The kept undo of captured tables, made if need be (again: also where there is one); null where it cannot be.
-- inserted_only: for runs that did nothing else there.
-- SECURITY DEFINER, for nobody reads which there are, or makes functions; it makes what is true alone.
create or replace function unwind_internal.kept_undo(
    logs text [], inserted_only boolean, again boolean default false
)
returns unwind_internal.kept_undos
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_undo unwind_internal.kept_undos;
begin
    if coalesce(logs, '{}') = '{}' then
        return null;
    end if;
    if again is not true then
        select k.* into v_undo
        from unwind_internal.kept_undos as k
        where k.log_names = kept_undo.logs and k.inserted_only = kept_undo.inserted_only;
        if v_undo.depends = v_undo.depends_on::text then
            return v_undo;
        end if;
    end if;
    return unwind_internal.keep_undo(logs, inserted_only);
end
$$;
