-- An upgrade changes definitions too (it compiles all workflows anew), so it takes their lock before any other: of the
-- tables that it alters, somebody who defines a workflow may hold one and want the next.
do $$
begin
    if to_regprocedure('unwind_internal.lock_definitions()') is not null then
        perform unwind_internal.lock_definitions();
    end if;
end
$$;
