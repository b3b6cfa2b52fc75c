-- The condition that a root is as it was planned, for the function that records. The table's name is part of it, for by
-- that PostgreSQL knows when to ask again.
create or replace function unwind_internal.render_root_as_planned(root unwind.plan_statements)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'unwind_internal.root_as_planned(
                    %L, %L,
                    %L::pg_catalog.regclass
                )', root.workflow, t.digest, root.target::text
    )
    from unwind_internal.planned_tables as t
    where t.workflow = root.workflow and t.target = root.target
$$;
