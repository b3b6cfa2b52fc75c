-- The receipts as people read them: one row per run, step and table that lost rows, or of which a row was released,
-- numbered over all undos of the run.
create or replace view unwind.compensations with (security_barrier) as
select
    r.run_id,
    (row_number() over (partition by r.run_id order by r.entry, d.place))::int as ordinal,
    d.step,
    d.table_name,
    coalesce(d.rows_deleted, 0) as rows_deleted,
    r.compensated_at,
    r.compensated_by,
    r.login,
    coalesce(d.rows_reverted, 0) as rows_reverted,
    coalesce(d.rows_reinserted, 0) as rows_reinserted,
    coalesce(d.rows_skipped, 0) as rows_skipped,
    r.undo,
    r.kind,
    r.kind = 'undo' and r.compensated_at = r.undone_at and r.restores >= r.undo as taken_back
from (
    select
        n.*,
        max(n.compensated_at) filter (where n.kind = 'undo') over (partition by n.run_id, n.undo) as undone_at
    from (
        select
            v.*,
            count(*) filter (where v.kind = 'restore') over (partition by v.run_id) as restores,
            1 + (
                count(*) filter (where v.kind = 'restore') over (
                    partition by v.run_id order by v.entry rows between unbounded preceding and 1 preceding
                )
            )::int as undo
        from unwind_internal.visible_receipts as v
    ) as n
) as r
cross join lateral unnest(r.steps, r.tables, r.counts, r.reverted, r.reinserted, r.skipped) with ordinality
    as d (step, table_name, rows_deleted, rows_reverted, rows_reinserted, rows_skipped, place)
where greatest(d.rows_deleted, d.rows_reverted, d.rows_reinserted, d.rows_skipped) > 0 or r.kind = 'release';
comment on view unwind.compensations is
'The receipts: how many rows of which table a compensation deleted for which step, or restored in a captured table '
'(step null). They outlive the run.';
comment on column unwind.compensations.rows_reverted is 'Captured rows updated back to what the run had found.';
comment on column unwind.compensations.rows_reinserted is 'Captured rows that the run had deleted, put back.';
comment on column unwind.compensations.rows_skipped is
'Captured rows left as they are, for somebody else has changed them since.';
comment on column unwind.compensations.undo is
'1, 2, …: which undo of the run; one that was taken back counts, and so does what took it back.';
comment on column unwind.compensations.kind is
'undo; restore: it took that undo back; release: release_entity took a row of that table out of the next one.';
comment on column unwind.compensations.taken_back is
'Whether what an undo did was taken back since; what single steps lost before it was not.';
comment on column unwind.compensations.ordinal is 'Place in the order of deletion, over all undos of the run.';
comment on column unwind.compensations.compensated_at is 'When that undo''s transaction began.';
comment on column unwind.compensations.compensated_by is
'The role in effect that called it: the setting role, else the login.';
comment on column unwind.compensations.login is 'The login behind compensated_by.';
