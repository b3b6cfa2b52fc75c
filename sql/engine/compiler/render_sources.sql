-- The anchor k as a FROM item, however it is held, and the tables between it and the target.
create or replace function unwind_internal.render_sources(statement unwind.plan_statements, anchor text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select nullif(concat_ws(', ',
        format('%s as k (%srun_id)', render_sources.anchor,
            unwind_internal.anchor_columns(unwind_internal.anchor_of(render_sources.statement))),
        nullif((render_sources.statement).sources, '')
    ), '')
$$;
