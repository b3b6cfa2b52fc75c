-- Rights that the current role would lack when it undoes a run: on the tables of the plan, their schemas, the engine's
-- own tables and functions. Those that the triggers of these tables need are not looked into.
create or replace function unwind_internal.check_rights(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with needed (tbl, privilege, columns) as (
        select p.target, a.privilege, null::text []
        from unwind.plan_statements as p
        cross join unnest(case p.action
            when 'delete' then array['SELECT', 'DELETE']
            else array['SELECT']
        end) as a (privilege)
        where p.workflow = check_rights.workflow and p.target is not null
        union
        select p.target, 'UPDATE', array_agg(distinct c.name)
        from unwind.plan_statements as p
        cross join unnest(p.columns) as c (name)
        where p.workflow = check_rights.workflow and p.action = 'set null'
        group by p.target
        union
        -- FOR UPDATE asks for UPDATE on any column.
        select p.target, 'UPDATE', null
        from unwind.plan_statements as p
        where p.workflow = check_rights.workflow and p.action = 'lock'
        union
        select t.tbl::regclass, 'SELECT', null
        from (values
            ('unwind.workflows'), ('unwind.workflow_runs'), ('unwind.run_steps'), ('unwind.compensations'),
            ('unwind.plan_statements'), ('unwind_internal.planned_tables'), ('unwind_internal.visible_receipts'),
            ('unwind_internal.live_keys')
        ) as t (tbl)
    ),

    lacking (object, message, fix) as (
        select
            n.tbl::text,
            format('role %I lacks %s on %s', current_user, n.privilege, concat_ws(' of ',
                'column ' || array_to_string(n.columns, ', '), n.tbl)),
            format('grant %s%s on %s to %I;', lower(n.privilege),
                (select ' (' || string_agg(quote_ident(c.name), ', ') || ')' from unnest(n.columns) as c (name)),
                n.tbl, current_user)
        from needed as n
        where exists (select from pg_class as c where c.oid = n.tbl)
            and not case
                when n.columns is not null then (
                    select bool_and(has_column_privilege(n.tbl, c.name, n.privilege))
                    from unnest(n.columns) as c (name)
                )
                when n.privilege = 'UPDATE' then has_any_column_privilege(n.tbl, n.privilege)
                else has_table_privilege(n.tbl, n.privilege)
            end
        union
        select s.nspname::text, format('role %I lacks USAGE on schema %I', current_user, s.nspname),
            format('grant usage on schema %I to %I;', s.nspname, current_user)
        from needed as n
        inner join pg_class as c on c.oid = n.tbl
        inner join pg_namespace as s on s.oid = c.relnamespace or s.nspname = 'unwind_compiled'
        where not has_schema_privilege(s.oid, 'USAGE')
        union
        select f.oid::regprocedure::text, format('role %I lacks EXECUTE on %s', current_user, f.oid::regprocedure),
            format('grant execute on function %s to %I;', f.oid::regprocedure, current_user)
        from pg_proc as f
        where not has_function_privilege(f.oid, 'EXECUTE')
            and (
                f.oid::regproc::text in (
                    'unwind.start_run', 'unwind.record_step', 'unwind.compensate_run', 'unwind_internal.undo_workflow',
                    'unwind_internal.hold_to_undo', 'unwind_internal.lock_run', 'unwind_internal.as_planned',
                    'unwind_internal.close_run', 'unwind_internal.close_runs', 'unwind_internal.mark_undone',
                    'unwind_compiled.undo_one', 'unwind_compiled.undo_many'
                )
                or f.oid::regproc::text in (
                    unwind_internal.function_name(check_rights.workflow, 'one'),
                    unwind_internal.function_name(check_rights.workflow, 'many')
                )
                or f.oid::regprocedure::text in (
                    select s.compensation from unwind.workflow_steps as s where s.workflow = check_rights.workflow
                )
            )
    )

    select 'error', 'missing_privilege', l.object, l.message, l.fix from lacking as l order by l.object, l.message
$$;
