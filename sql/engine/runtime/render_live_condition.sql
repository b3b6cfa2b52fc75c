-- The ledger rows of runs, or of these of their steps, that are to be undone, as a condition on s.
create or replace function unwind_internal.render_live_condition(run_ids text [], only_steps text [] default null)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(' and ',
        case cardinality(run_ids)
            when 1 then format('s.run_id operator(pg_catalog.=) %L', run_ids[1])
            else format('s.run_id operator(pg_catalog.=) any(%L::pg_catalog.text[])', run_ids)
        end,
        's.step operator(pg_catalog.=) any(' || quote_literal(only_steps) || '::pg_catalog.text[])',
        's.compensated_at is null and s.released_at is null'
    )
$$;
