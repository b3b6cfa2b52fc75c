-- Rows that are there under a key that the run has just recorded: none that another run owns by other columns; and, of
-- a key that is new to the run, none that this transaction did not write. What others own is said first. The rows of
-- a foreign table have no versions, and are not looked at.
-- Errors: UW004, UW009, UW017.
create or replace function unwind_internal.assert_own_rows(
    run_id text, roots unwind.plan_statements [], entity_key text [], is_new boolean
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.plan_statements;
    v_versions text [];
    v_owners text [];
    v_existing unwind.plan_statements;
begin
    foreach v_root in array roots loop
        continue when v_root.action <> 'keys' or unwind_internal.is_foreign_table(v_root.target);
        select l.versions, l.owners into v_versions, v_owners
        from unwind_internal.look_up(v_root, entity_key, run_id, false) as l;
        if v_owners is not null then
            perform unwind_internal.raise_owned(v_root.target, v_root.columns, entity_key, v_owners[1], run_id);
        end if;
        if is_new and v_existing.ordinal is null and unwind_internal.has_existing(v_versions)
            and not unwind_internal.has_recorded_elsewhere(run_id, v_root, entity_key)
        then
            v_existing := v_root;
        end if;
    end loop;
    if v_existing.ordinal is not null then
        perform unwind_internal.raise_entity_exists(run_id, v_existing, entity_key);
    end if;
end
$$;
