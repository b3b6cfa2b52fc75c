-- The ledger rows of a run that its undo begins with, as a condition on s: those that are live, but those whose rows
-- the run found.
create or replace function unwind_internal.render_undone_keys(run_id text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(' and ',
        unwind_internal.render_live_condition(array[render_undone_keys.run_id]),
        (
            select string_agg(
                format('not (s.step operator(pg_catalog.=) %L and s.entity_key operator(pg_catalog.=) '
                    '%L::pg_catalog.text[])', f.step, f.entity_key),
                ' and ' order by f.step, f.entity_key
            )
            from unwind_internal.found_keys(array[render_undone_keys.run_id]) as f
        )
    )
$$;
