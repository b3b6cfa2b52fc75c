-- The tables and views that a role of this kind may read: the definitions and plans, and of the runs an application its
-- own. Nobody but the engine's owner writes any.
create or replace function unwind_internal.readable_tables(access text)
returns setof regclass
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select c.oid::regclass
    from pg_class as c
    where c.relnamespace::regnamespace::text || '.' || c.relname = any(
        array[
            'unwind.backlog', 'unwind.compensations', 'unwind.logical_foreign_keys', 'unwind.plan_statements',
            'unwind.progress', 'unwind.run_steps', 'unwind.step_roots', 'unwind.stuck_runs', 'unwind.undone_runs',
            'unwind.workflow_runs', 'unwind.workflow_steps', 'unwind.workflows', 'unwind_internal.foreign_keys',
            'unwind_internal.plan_ways', 'unwind_internal.planned_tables', 'unwind_internal.planned_columns',
            'unwind_internal.definition_columns', 'unwind_internal.known_partitions', 'unwind_internal.known_tables',
            'unwind_internal.visible_receipts'
        ]
        || case when readable_tables.access <> 'application' then array[
            'unwind.audit_log', 'unwind.entity_owners', 'unwind_internal.due_runs'
        ] end
        || case when readable_tables.access <> 'viewer' then array['unwind_internal.live_keys'] end
    )
$$;
