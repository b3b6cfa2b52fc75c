-- The ledger rows of a run that are to be undone, as a condition on s.
create or replace function unwind_internal.render_live_condition(run_id text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        's.run_id operator(pg_catalog.=) %L and s.compensated_at is null and s.released_at is null',
        render_live_condition.run_id
    )
$$;
