-- Has the user's deferred constraint triggers on the tables of a workflow do now what they would do at the commit, so
-- that what they write can still be undone. Afterwards those that are deferred by themselves are so again.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
create or replace function unwind_internal.fire_deferred_triggers(workflow text)
returns void
language plpgsql
as $$
declare
    v_all pg_catalog.text;
    v_deferred pg_catalog.text;
begin
    select t.all_of_them, t.initially_deferred into v_all, v_deferred
    from unwind_internal.deferred_triggers(workflow) as t;
    if v_all is not null then
        execute pg_catalog.format('set constraints %s immediate', v_all);
    end if;
    if v_deferred is not null then
        execute pg_catalog.format('set constraints %s deferred', v_deferred);
    end if;
end
$$;
