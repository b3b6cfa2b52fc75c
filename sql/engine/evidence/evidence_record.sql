-- What of a run does not change once it has ended: the run, its ledger and its receipts, in an order and a form that
-- depend on no setting, for it is what the digest is of (evidence_digest). Columns by name: evidence that was written
-- yesterday is checked by the engine of tomorrow.
-- Errors: UW001.
create or replace function unwind_internal.evidence_record(run_id text)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set enable_seqscan = off
as $$
declare
    v_run constant unwind.workflow_runs := unwind_internal.known_run(run_id);
begin
    return jsonb_build_object(
        'run', jsonb_build_object(
            'id', v_run.id,
            'workflow', v_run.workflow,
            'business_key', v_run.business_key,
            'status', v_run.status,
            'started_by', v_run.started_by,
            'created_at', v_run.created_at,
            'updated_at', v_run.updated_at,
            'completed_at', v_run.completed_at,
            'last_error', v_run.last_error,
            'retry_count', v_run.retry_count,
            -- As text: who reads the record may write its numbers otherwise, and give another digest.
            'metadata', v_run.metadata::text
        ),
        'ledger', (
            select coalesce(jsonb_agg(
                jsonb_build_object(
                    'step', s.step,
                    'entity_key', s.entity_key,
                    'recorded_at', s.recorded_at,
                    'compensated_at', s.compensated_at,
                    'released_at', s.released_at,
                    'released_by', s.released_by
                ) order by s.recorded_at, s.step, s.entity_key
            ), '[]')
            from unwind.run_steps as s
            where s.run_id = v_run.id
        ),
        'receipts', (
            select coalesce(jsonb_agg(
                jsonb_build_object(
                    'ordinal', c.ordinal,
                    'undo', c.undo,
                    'kind', c.kind,
                    'taken_back', c.taken_back,
                    'step', c.step,
                    'table_name', c.table_name,
                    'rows_deleted', c.rows_deleted,
                    'rows_reverted', c.rows_reverted,
                    'rows_reinserted', c.rows_reinserted,
                    'rows_skipped', c.rows_skipped,
                    'compensated_at', c.compensated_at,
                    'compensated_by', c.compensated_by,
                    'login', c.login
                ) order by c.ordinal
            ), '[]')
            from unwind.compensations as c
            where c.run_id = v_run.id
        )
    );
end
$$;
