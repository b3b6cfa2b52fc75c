-- The evidence of several runs, as one document: of each its record with its digest, who used which right on it, and
-- what it changed in captured tables, which is no part of the record, for images can be forgotten; of each of their
-- workflows the tables, and where counted the proof, once for all runs. Runs in the order given.
-- Errors: UW001, UW009 where there is no run to describe.
create or replace function unwind.describe_runs(run_ids text [], counted boolean default true)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
    v_records jsonb [];
begin
    perform unwind_internal.compile_in_time();
    run_ids := array(
        select g.run_id from unnest(unwind_internal.plain_array(run_ids)) with ordinality as g (run_id, place)
        group by g.run_id
        order by min(g.place)
    );
    if run_ids = '{}' then
        raise 'no run to describe'
        using errcode = 'UW009',
            detail = 'The array of run ids is empty.',
            hint = 'To find runs: select id from unwind.find_runs(…);';
    end if;
    v_records := array(
        select unwind_internal.evidence_record(g.run_id)
        from unnest(run_ids) with ordinality as g (run_id, place)
        order by g.place
    );
    return jsonb_build_object(
        'described_at', clock_timestamp(),
        'described_by', unwind_internal.acting_role(),
        'login', session_user,
        'schema_version', unwind.schema_version(),
        'server_version', current_setting('server_version'),
        'database', current_database(),
        'runs', (
            select jsonb_agg(
                jsonb_build_object(
                    'record', d.record,
                    'sha256', unwind.evidence_digest(d.record),
                    'audit', unwind_internal.audited_acts(d.record #>> '{run,id}'),
                    'captured', unwind_internal.captured_counts(d.record #>> '{run,id}')
                ) order by d.place
            )
            from unnest(v_records) with ordinality as d (record, place)
        ),
        'workflows', (
            select jsonb_agg(
                unwind_internal.evidence_of_workflow(w.workflow, w.run_ids, counted) order by w.workflow
            )
            from (
                select
                    d.record #>> '{run,workflow}' as workflow,
                    array_agg(d.record #>> '{run,id}') as run_ids
                from unnest(v_records) as d (record)
                group by d.record #>> '{run,workflow}'
            ) as w
        )
    );
end
$$;
comment on function unwind.describe_runs(text [], boolean) is
'The evidence of runs as one document: their records with a digest each, who did what, and proof of what is left and '
'what was not touched. Counts the rows of all their tables, unless told not to. Errors: UW001, UW009.';
