-- The statements for one table: first what must not be left dangling, what is to be cleared and what is not
-- ours, then the rows.
create or replace function unwind_internal.plan_deletion(workflow text, step text, target regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Rows of other tables can be looked at while their parents are there.
    perform unwind_internal.plan_inbound(workflow, step, target, 'restrict', 'refuse', false);
    perform unwind_internal.plan_inbound(workflow, step, target, 'set null', 'lock', false);
    perform unwind_internal.plan_inbound(workflow, step, target, 'set null', 'set null', false);
    perform unwind_internal.plan_inbound(workflow, step, target, 'set null', 'set null', true);
    perform unwind_internal.plan_guards(workflow, step, target);
    -- What hangs below rows of the same table goes before them.
    perform unwind_internal.plan_inbound(workflow, step, target, 'cascade', 'delete', true);
    if unwind_internal.is_shared(target) then
        perform unwind_internal.plan_over_ways(workflow, step, target, 'lock');
    end if;
    perform unwind_internal.plan_over_ways(workflow, step, target, 'delete');
    -- A BEFORE DELETE trigger may keep a row without a word: look again.
    if unwind_internal.can_keep_rows(target) then
        perform unwind_internal.plan_inbound(workflow, step, target, 'cascade', 'recheck', true);
        perform unwind_internal.plan_over_ways(workflow, step, target, 'recheck');
    end if;
    -- Only once they are gone are rows of the same table that still refer to them somebody else's.
    perform unwind_internal.plan_inbound(workflow, step, target, 'restrict', 'refuse', true);
end
$$;
