-- The receipts as people read them: one row per run, step and table that lost rows, numbered over all undos of
-- the run.
create or replace view unwind.compensations with (security_barrier) as
select
    r.run_id,
    (row_number() over (partition by r.run_id order by r.entry, d.place))::int as ordinal,
    d.step,
    d.table_name,
    d.rows_deleted,
    r.compensated_at,
    r.compensated_by,
    r.login
from unwind_internal.visible_receipts as r
cross join lateral unnest(r.steps, r.tables, r.counts) with ordinality as d (step, table_name, rows_deleted, place)
where d.rows_deleted > 0;
comment on view unwind.compensations is
'The receipts: how many rows of which table a compensation deleted for which step. They outlive the run.';
comment on column unwind.compensations.ordinal is 'Place in the order of deletion, over all undos of the run.';
comment on column unwind.compensations.compensated_at is 'When that undo''s transaction began.';
comment on column unwind.compensations.compensated_by is
'The role in effect that called it: the setting role, else the login.';
comment on column unwind.compensations.login is 'The login behind compensated_by.';
