-- Refuses an undo for the first rows that stand in its way (blocking_rows), by name; nothing where there are none. The
-- call that it hints at has all runs in it that have to go together, not only those of these rows.
-- Errors: UW007.
create or replace function unwind_internal.raise_blocked(
    workflow text, run_ids text [], only_steps text [] default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_blocked record;
    v_owners text [];
begin
    select (b.statement).*, b.row_count, b.keys, b.owners into v_blocked
    from unwind_internal.blocking_rows(workflow, run_ids, only_steps, only_first => true) as b;
    v_owners := v_blocked.owners;
    if v_owners <> '{}' then
        v_owners := v_owners || array(
            select d.run_id from unwind_internal.dependent_runs(run_ids) as d where d.run_id <> all(v_owners)
        );
    end if;
    if v_blocked.action = 'refuse' then
        perform unwind_internal.raise_dependents(
            v_blocked.target::text, run_ids, v_blocked.columns, v_blocked.row_count, v_blocked.keys, v_owners
        );
    elsif v_blocked.action = 'guard' then
        perform unwind_internal.raise_owned_elsewhere(
            v_blocked.target::text, run_ids, v_owners, v_blocked.keys
        );
    end if;
end
$$;
