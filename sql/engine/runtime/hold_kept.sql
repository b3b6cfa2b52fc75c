-- The kept undo of captured tables (kept_undo), which nobody alters from here on; null where there is none. Whether it
-- is true is asked as it is planned, which is with the snapshot of its call: so the lock is taken before.
-- Errors: 42501.
create or replace function unwind_internal.hold_kept(logs text [], inserted_only boolean)
returns unwind_internal.kept_undos
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_undo unwind_internal.kept_undos := unwind_internal.kept_undo(logs, inserted_only);
begin
    if v_undo.function_name is null then
        return null;
    end if;
    begin
        execute 'lock table only ' || array_to_string(v_undo.depends_on, ', only ') || ' in access share mode';
    exception
        when insufficient_privilege then
            perform unwind_internal.assert_all_readable(v_undo.names); -- says more
            raise;
    end;
    if v_undo.depends <> v_undo.depends_on::text then -- renamed meanwhile
        return null;
    end if;
    perform unwind_internal.assert_all_readable(v_undo.names);
    return v_undo;
end
$$;
