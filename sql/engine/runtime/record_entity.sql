-- The run owns an entity, has it in its ledger, and finds no row under its key that would be deleted with it and is
-- not its own.
-- Errors: UW004, UW009, UW017.
create or replace function unwind_internal.record_entity(
    run_id text, roots unwind.plan_statements [], entity_key text []
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_is_new boolean;
begin
    perform unwind_internal.own_entity(run_id, roots, entity_key);
    v_is_new := unwind_internal.write_ledger(run_id, roots[1].step, entity_key);
    perform unwind_internal.assert_own_rows(run_id, roots, entity_key, v_is_new);
end
$$;
