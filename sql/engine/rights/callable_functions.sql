-- The functions that a role of this kind may call: application, operator or viewer. Of the interface those that are
-- listed; of the helpers all, for the ones that write look by themselves at who asks, but a viewer none of these; the
-- generated functions where runs are undone.
create or replace function unwind_internal.callable_functions(access text)
returns setof regprocedure
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with interface (access, functions) as (
        values
        ('viewer', array[
            'check_capture', 'check_workflow', 'describe_run', 'describe_runs', 'describe_workflow', 'evidence_digest',
            'find_changes', 'find_dependent_runs', 'find_orphans', 'find_runs', 'find_uncovered', 'get_run',
            'preview_run', 'schema_version', 'suggest_workflow', 'verify_run'
        ]),
        ('application', array[
            'act_as', 'adopt_entity', 'check_capture', 'check_workflow', 'claim_run', 'compensate_run',
            'compensate_run_in_batches', 'compensate_runs', 'compensate_step', 'complete_run', 'describe_run',
            'describe_runs', 'describe_workflow', 'enter_run', 'evidence_digest', 'fail_run', 'find_changes',
            'find_dependent_runs', 'find_holders', 'find_orphans', 'find_runs', 'find_uncovered', 'get_run',
            'preview_run', 'record_entities', 'record_if_new', 'record_step', 'recover_runs', 'release_claim',
            'release_entity', 'renew_claim', 'restore_run', 'restore_runs', 'rewind_run', 'schema_version',
            'start_run', 'suggest_workflow', 'verify_run'
        ])
    ),

    listed (name) as (
        select unnest(i.functions)
        from interface as i
        where i.access
            = case callable_functions.access when 'operator' then 'application' else callable_functions.access end
        union all
        select unnest(array['forget_images', 'purge_runs']) where callable_functions.access = 'operator'
    )

    select p.oid::regprocedure
    from pg_proc as p
    where case p.pronamespace::regnamespace::text
        when 'unwind' then p.proname in (select l.name from listed as l)
        when 'unwind_compiled' then callable_functions.access <> 'viewer'
        when 'unwind_internal' then case p.proname
            when 'act_on_any_run' then callable_functions.access = 'operator'
            when 'see_any_run' then callable_functions.access <> 'application'
            else callable_functions.access <> 'viewer' or not p.prosecdef or p.provolatile <> 'v'
        end
        else false
    end
$$;
