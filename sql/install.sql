-- pgunwind: psql -f sql/install.sql installs the engine, or brings it up to date in place.

-- tables: numbered steps, immutable once released, each safe to run again
\ir engine/steps/0001_tables.sql

-- catalog: what a workflow is
\ir engine/catalog/assert_custom_compensation.sql
\ir engine/catalog/assert_link.sql
\ir engine/catalog/assert_table.sql
\ir engine/catalog/assert_workflow.sql
\ir engine/catalog/can_compare.sql
\ir engine/catalog/column_type.sql
\ir engine/catalog/declare_foreign_key.sql
\ir engine/catalog/define_custom_step.sql
\ir engine/catalog/define_step.sql
\ir engine/catalog/define_workflow.sql
\ir engine/catalog/describe_workflow.sql
\ir engine/catalog/described_tables.sql
\ir engine/catalog/drop_foreign_key.sql
\ir engine/catalog/drop_workflow.sql
\ir engine/catalog/ensure_step.sql
\ir engine/catalog/foreign_keys.sql
\ir engine/catalog/described_links.sql
\ir engine/catalog/describe_as_text.sql
\ir engine/catalog/lock_definitions.sql
\ir engine/catalog/node_id.sql
\ir engine/catalog/one_line.sql
\ir engine/catalog/diagram_text.sql
\ir engine/catalog/describe_as_dot.sql
\ir engine/catalog/describe_as_mermaid.sql
\ir engine/catalog/own_recorded_entities.sql

-- planner: which rows, which order
\ir engine/planner/add_statement.sql
\ir engine/planner/add_way.sql
\ir engine/planner/can_keep_rows.sql
\ir engine/planner/deletes_by_itself.sql
\ir engine/planner/deletion_order.sql
\ir engine/planner/is_shared.sql
\ir engine/planner/link_way.sql
\ir engine/planner/needs_capture.sql
\ir engine/planner/plan_capture.sql
\ir engine/planner/plan_deletion.sql
\ir engine/planner/plan_membership.sql
\ir engine/planner/plan_roots.sql
\ir engine/planner/plan_step.sql
\ir engine/planner/plan_workflow.sql
\ir engine/planner/positions.sql
\ir engine/planner/raise_cycle.sql
\ir engine/planner/reached_tables.sql
\ir engine/planner/render_way.sql
\ir engine/planner/plan_guards.sql
\ir engine/planner/plan_inbound.sql
\ir engine/planner/plan_over_ways.sql

-- compiler: plan to stored functions
\ir engine/compiler/anchor.sql
\ir engine/compiler/anchor_columns.sql
\ir engine/compiler/anchor_arrays.sql
\ir engine/compiler/anchor_of.sql
\ir engine/compiler/compile_dispatcher.sql
\ir engine/compiler/compile_workflow.sql
\ir engine/compiler/compile_workflows_of.sql
\ir engine/compiler/count_rows.sql
\ir engine/compiler/function_name.sql
\ir engine/compiler/key_columns.sql
\ir engine/compiler/render_call.sql
\ir engine/compiler/render_capture.sql
\ir engine/compiler/render_clearing.sql
\ir engine/compiler/render_declaration.sql
\ir engine/compiler/render_declarations.sql
\ir engine/compiler/render_delete_query.sql
\ir engine/compiler/render_dispatcher.sql
\ir engine/compiler/render_function.sql
\ir engine/compiler/render_guard_query.sql
\ir engine/compiler/render_ledger_keys.sql
\ir engine/compiler/render_anchors.sql
\ir engine/compiler/render_receipts.sql
\ir engine/compiler/render_select.sql
\ir engine/compiler/render_set_null.sql
\ir engine/compiler/render_short_cut.sql
\ir engine/compiler/render_keys.sql
\ir engine/compiler/render_sources.sql
\ir engine/compiler/any_key.sql
\ir engine/compiler/render_delete.sql
\ir engine/compiler/render_guard.sql
\ir engine/compiler/render_lock.sql
\ir engine/compiler/render_recheck.sql
\ir engine/compiler/render_refusal.sql
\ir engine/compiler/render_rows.sql
\ir engine/compiler/render_statement.sql
\ir engine/compiler/render_steps.sql

-- runtime: start, record, compensate
\ir engine/runtime/act_as.sql
\ir engine/runtime/assert_last_live_step.sql
\ir engine/runtime/assert_may_end.sql
\ir engine/runtime/assert_read_committed.sql
\ir engine/runtime/assert_run_arguments.sql
\ir engine/runtime/assert_undoable.sql
\ir engine/runtime/canonical_key.sql
\ir engine/runtime/claim_run.sql
\ir engine/runtime/clock.sql
\ir engine/runtime/compensate_run.sql
\ir engine/runtime/compensate_runs.sql
\ir engine/runtime/compensate_step.sql
\ir engine/runtime/compensations.sql
\ir engine/runtime/complete_run.sql
\ir engine/runtime/fail_run.sql
\ir engine/runtime/is_live.sql
\ir engine/runtime/key_text.sql
\ir engine/runtime/live_ledger.sql
\ir engine/runtime/lock_run.sql
\ir engine/runtime/mark_compensated.sql
\ir engine/runtime/own_entity.sql
\ir engine/runtime/raise_ambiguous_key.sql
\ir engine/runtime/raise_claim_lost.sql
\ir engine/runtime/raise_dependents.sql
\ir engine/runtime/raise_foreign_key_refused.sql
\ir engine/runtime/raise_owned_elsewhere.sql
\ir engine/runtime/raise_rows_kept.sql
\ir engine/runtime/raise_run_not_found.sql
\ir engine/runtime/raise_run_not_running.sql
\ir engine/runtime/raise_step_not_defined.sql
\ir engine/runtime/record_step.sql
\ir engine/runtime/release_claim.sql
\ir engine/runtime/renew_claim.sql
\ir engine/runtime/rewind_run.sql
\ir engine/runtime/run_status.sql
\ir engine/runtime/schema_version.sql
\ir engine/runtime/speaker.sql
\ir engine/runtime/start_run.sql
\ir engine/runtime/take_ownership.sql
\ir engine/runtime/undo.sql
\ir engine/runtime/undo_by_name.sql
\ir engine/runtime/undo_runs.sql
\ir engine/runtime/undo_steps.sql
\ir engine/runtime/write_receipts.sql

-- recovery: what was left behind, and what is too big
\ir engine/recovery/assert_batch_size.sql
\ir engine/recovery/assert_no_dependents.sql
\ir engine/recovery/assert_purge_arguments.sql
\ir engine/recovery/assert_recoverable.sql
\ir engine/recovery/attempt.sql
\ir engine/recovery/batched_statements.sql
\ir engine/recovery/begin_batches.sql
\ir engine/recovery/begun_in_batches.sql
\ir engine/recovery/bound_memory.sql
\ir engine/recovery/compensate_run_in_batches.sql
\ir engine/recovery/compensation_error.sql
\ir engine/recovery/count_batch.sql
\ir engine/recovery/expect_progress.sql
\ir engine/recovery/failure_text.sql
\ir engine/recovery/keep_claim.sql
\ir engine/recovery/live_steps.sql
\ir engine/recovery/note_failure.sql
\ir engine/recovery/progress.sql
\ir engine/recovery/purge_receipts.sql
\ir engine/recovery/purge_runs.sql
\ir engine/recovery/recover_chunk.sql
\ir engine/recovery/recover_in_batches.sql
\ir engine/recovery/recover_runs.sql
\ir engine/recovery/render_childless.sql
\ir engine/recovery/render_batches.sql
\ir engine/recovery/resume_batches.sql
\ir engine/recovery/retry_pause.sql
\ir engine/recovery/record_failure.sql
\ir engine/recovery/stuck_runs.sql
\ir engine/recovery/due_runs.sql
\ir engine/recovery/backlog.sql
\ir engine/recovery/is_due.sql
\ir engine/recovery/find_due_runs.sql
\ir engine/recovery/lock_due_runs.sql
\ir engine/recovery/stop_batches.sql
\ir engine/recovery/touch_batch.sql
\ir engine/recovery/undo_in_batches.sql

-- proof: preview, verify, check
\ir engine/proof/check_definitions.sql
\ir engine/proof/check_inbound.sql
\ir engine/proof/check_plan_is_current.sql
\ir engine/proof/check_workflow.sql
\ir engine/proof/compiled_body.sql
\ir engine/proof/drop_link_statement.sql
\ir engine/proof/find_orphans.sql
\ir engine/proof/has_index.sql
\ir engine/proof/check_indexes.sql
\ir engine/proof/preview_run.sql
\ir engine/proof/readable_statement.sql
\ir engine/proof/render_orphans.sql
\ir engine/proof/verify_run.sql

-- workflows that are there already
\ir engine/recompile.sql

-- who may come in
\ir engine/grants.sql
