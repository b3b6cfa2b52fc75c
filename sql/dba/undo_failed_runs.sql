-- Undoes the FAILED runs of a workflow, newest first, each in a transaction of its own; then together those that were
-- refused for rows in their way, which may be each other's.
--
--     psql -v workflow=<workflow> -f undo_failed_runs.sql
--     psql -v workflow=<workflow> -v limit=100 -f undo_failed_runs.sql
--
-- limit: undo only so many, the newest (default: all). Runs under a worker's live claim are left to that worker. A run
-- whose undo is refused, or leaves a row, stays as it was: it is listed at the end with its error, and psql ends with
-- status 3. What ails the server rather than a run (a full disk, a cancellation) ends it all at once. Locks are waited
-- for as in undo_run.sql.
\ir parts/settings.sql
\if :{?workflow}
\else
    \warn 'usage: psql -v workflow=<workflow> -f undo_failed_runs.sql'
    do $$ begin raise 'no workflow was given'; end $$;
\endif
\if :{?limit}
\else
    \set limit 1000000000
\endif
\ir parts/no_transaction.sql

-- Raises UW008 where there is no such workflow.
select unwind.describe_workflow(:'workflow') is not null as is_defined \gset
select coalesce(pg_catalog.array_agg(f.id), '{}') as failed
from (
    select r.id
    from unwind.workflow_runs as r
    where r.workflow operator(pg_catalog.=) :'workflow'
        and r.status operator(pg_catalog.=) 'FAILED'
        and (r.claimed_by is null or r.lease_expires_at operator(pg_catalog.<=) pg_catalog.now())
    order by r.created_at desc, r.id desc
    limit :'limit'
) as f \gset
-- A block takes no variables of psql's: it is told, and tells, by settings of the session.
select pg_catalog.set_config('unwind.failed', :'failed', false) as failed \gset
select pg_catalog.set_config('unwind.refused', '{}', false) as refused \gset

do $$
declare
    v_run pg_catalog.text;
    v_refused pg_catalog.jsonb := '{}';
    v_blocked pg_catalog.text [];
    v_message pg_catalog.text;
    v_detail pg_catalog.text;
    v_hint pg_catalog.text;
begin
    commit;
    set transaction isolation level read committed; -- and so in all that follow, for each is chained to the one before
    foreach v_run in array pg_catalog.current_setting('unwind.failed')::pg_catalog.text [] loop
        begin
            perform unwind.compensate_run(v_run);
            set constraints all immediate;
            if exists (select from unwind.verify_run(v_run)) then
                raise 'rows are left' using
                    detail = 'They are below keys of a step that was undone before this, and came since.',
                    hint = pg_catalog.format('select * from unwind.preview_run(%L);', v_run);
            end if;
        exception
            when assert_failure or others then -- others alone leaves out a failed assert
                if unwind_internal.at_fault(sqlstate) operator(pg_catalog.=) 'server' then
                    raise;
                end if;
                get stacked diagnostics
                    v_message = message_text, v_detail = pg_exception_detail, v_hint = pg_exception_hint;
                v_refused := v_refused operator(pg_catalog.||) pg_catalog.jsonb_build_object(
                    v_run, pg_catalog.jsonb_build_object(
                        'sqlstate', sqlstate, 'message', v_message, 'detail', v_detail, 'hint', v_hint
                    )
                );
        end;
        commit and chain;
    end loop;
    v_blocked := array(
        select r.key from pg_catalog.jsonb_each(v_refused) as r
        where r.value operator(pg_catalog.->>) 'sqlstate' operator(pg_catalog.=) 'UW007'
    );
    v_blocked := array(
        select r.id from unwind_internal.lock_runs(v_blocked) as r where r.status operator(pg_catalog.=) 'FAILED'
    );
    v_refused := (v_refused operator(pg_catalog.-) v_blocked)
        operator(pg_catalog.||) unwind_internal.undo_together(v_blocked);
    perform pg_catalog.set_config('unwind.refused', v_refused::pg_catalog.text, false);
    commit;
end
$$;

\echo
\echo Rows deleted for each run
select d.run_id, d.rows_deleted
from unwind_internal.rows_deleted_of(:'failed') as d
where d.rows_deleted operator(pg_catalog.>) 0
    and not pg_catalog.jsonb_exists(pg_catalog.current_setting('unwind.refused')::pg_catalog.jsonb, d.run_id)
order by d.run_id;

\echo Left (no row: nothing)
select u.id as run_id, v.table_name, v.rows_left
from pg_catalog.unnest(:'failed'::pg_catalog.text []) as u (id)
cross join lateral unwind.verify_run(u.id) as v
where not pg_catalog.jsonb_exists(pg_catalog.current_setting('unwind.refused')::pg_catalog.jsonb, u.id);

\echo Not undone, and why (no row: none)
select
    r.key as run,
    pg_catalog.format('[%s] %s', r.value operator(pg_catalog.->>) 'sqlstate', r.value operator(pg_catalog.->>) 'message')
        as error,
    r.value operator(pg_catalog.->>) 'detail' as detail,
    r.value operator(pg_catalog.->>) 'hint' as hint
from pg_catalog.jsonb_each(pg_catalog.current_setting('unwind.refused')::pg_catalog.jsonb) as r
order by r.key \gx

select pg_catalog.count(*) as refused, pg_catalog.count(*) operator(pg_catalog.>) 0 as some_refused
from pg_catalog.jsonb_object_keys(pg_catalog.current_setting('unwind.refused')::pg_catalog.jsonb) \gset
select pg_catalog.cardinality(:'failed'::pg_catalog.text []) operator(pg_catalog.-) :refused as undone \gset
\echo Runs undone: :undone, not undone: :refused
\if :some_refused
    do $$ begin raise 'some runs are not undone' using hint = 'Each is listed above with its error.'; end $$;
\endif
