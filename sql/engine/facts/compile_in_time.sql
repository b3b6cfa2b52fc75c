-- Compiles what this transaction has defined and not compiled yet, where it is used before the commit: what has to be
-- called before a plan is read. Nearly always nothing: a setting of the transaction says so, in no time. Not by calling
-- the compiler, which comes later than all its users, but by having the trigger fire that else waits for the commit.
create or replace function unwind_internal.compile_in_time()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(current_setting('unwind.is_uncompiled', true), '') <> '' then
        set constraints unwind_internal.definitions_are_compiled immediate;
        set constraints unwind_internal.definitions_are_compiled deferred;
        perform set_config('unwind.is_uncompiled', '', true);
    end if;
end
$$;
