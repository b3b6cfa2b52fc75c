-- The workflow of these runs as it is defined now, and the proof: what is left of the runs, what was not touched, and
-- child rows whose parents are gone. Without a proof, but saying why, where the workflow was dropped since, its tables
-- are not those that it was planned over, or nobody asked for it.
create or replace function unwind_internal.evidence_of_workflow(workflow text, run_ids text [], counted boolean)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
    v_is_defined constant boolean := exists (
        select from unwind.workflows as w where w.workflow = evidence_of_workflow.workflow
    );
    v_drift constant text [] := case
        when not counted then '{"nothing was counted"}'
        when v_is_defined then unwind_internal.workflow_drift(workflow)
        else array[format('workflow %s was dropped', quote_literal(workflow))]
    end;
begin
    return jsonb_build_object(
        'workflow', workflow,
        'description', (
            select w.description from unwind.workflows as w where w.workflow = evidence_of_workflow.workflow
        ),
        'tables', (
            select coalesce(jsonb_agg(
                jsonb_build_object('step', t.step, 'position', t.step_position, 'table_name', t.name)
                order by t.step_position, t.ordinal
            ), '[]')
            from unwind_internal.described_tables(evidence_of_workflow.workflow) as t
        ),
        'links', (
            select coalesce(jsonb_agg(to_jsonb(l) order by l.parent, l.child, l.columns), '[]')
            from unwind_internal.described_links(evidence_of_workflow.workflow) as l
        ),
        'proof', case when v_drift = '{}' then jsonb_build_object(
            'counted_at', clock_timestamp(),
            'tables', unwind_internal.evidence_of_tables(workflow, run_ids),
            'orphans', (
                select coalesce(jsonb_agg(to_jsonb(o) order by o.child_table, o.child_columns), '[]')
                from unwind_internal.orphans_of(evidence_of_workflow.workflow) as o
            )
        ) end,
        'unproved', to_jsonb(v_drift)
    );
end
$$;
