-- Step 1: schemas and tables. Immutable once released; running it again changes nothing.
create schema if not exists unwind;
create schema if not exists unwind_internal;
create schema if not exists unwind_compiled;

comment on schema unwind is 'pgunwind: undo a failed workflow run. Start with \df+ unwind.*';
comment on schema unwind_internal is 'pgunwind: helpers of schema unwind; not an interface.';
comment on schema unwind_compiled is 'pgunwind: generated functions, one per workflow; read them with \sf.';

-- Catalog -------------------------------------------------------------------------------------

create table if not exists unwind.workflows (
    workflow text not null primary key check (workflow <> ''),
    description text,
    compensation text,
    compiled_at timestamptz
);
comment on table unwind.workflows is 'A workflow: an ordered list of steps that are undone together.';
comment on column unwind.workflows.compensation is
'The generated function in schema unwind_compiled that undoes runs of this workflow.';
comment on column unwind.workflows.compiled_at is 'When plan and function were last made.';

create table if not exists unwind.workflow_steps (
    workflow text not null references unwind.workflows (workflow) on delete cascade,
    step text not null check (step <> ''),
    position int not null,
    compensation text,
    primary key (workflow, step),
    unique (workflow, position)
);
comment on table unwind.workflow_steps is 'The steps of each workflow, in forward order.';
comment on column unwind.workflow_steps.compensation is
'The user''s own function for a custom step, as text (regprocedure would stop pg_upgrade); else null.';

create table if not exists unwind.step_roots (
    workflow text not null,
    step text not null,
    root int not null,
    root_table regclass not null,
    key_columns text [] not null,
    primary key (workflow, step, root),
    constraint step_roots_once unique (workflow, step, root_table, key_columns),
    foreign key (workflow, step) references unwind.workflow_steps (workflow, step) on delete cascade
);
comment on table unwind.step_roots is
'The root tables of each step and the columns that an entity key of that step names.';

create table if not exists unwind.logical_foreign_keys (
    child_table regclass not null,
    child_columns text [] not null,
    parent_table regclass not null,
    parent_columns text [] not null,
    on_delete text not null check (on_delete in ('cascade', 'restrict', 'set null')),
    primary key (child_table, child_columns, parent_table, parent_columns)
);
comment on table unwind.logical_foreign_keys is
'Declared foreign keys: links the schema has no constraint for, or whose ON DELETE action it overrides.';

-- Plan ----------------------------------------------------------------------------------------

create table if not exists unwind.plan_statements (
    workflow text not null references unwind.workflows (workflow) on delete cascade,
    ordinal int not null,
    step text not null,
    action text not null check (
        action in ('keys', 'lock', 'capture', 'refuse', 'guard', 'set null', 'delete', 'recheck', 'call')
    ),
    target regclass,
    anchor int,
    sources text,
    condition text,
    columns text [] not null default '{}',
    types text [] not null default '{}',
    full_types text [] not null default '{}',
    stage int,
    component int,
    primary key (workflow, ordinal)
);
create index if not exists plan_statements_target on unwind.plan_statements (workflow, target);
comment on table unwind.plan_statements is
'The plan of each workflow in the order in which it runs: what a compensation reads, refuses and deletes.';
comment on column unwind.plan_statements.action is
'keys: entity keys from the ledger; lock: rows under which PostgreSQL itself would delete; capture: keys of '
'parent rows, read before any row goes; refuse: rows that would be left dangling; guard: rows that another run '
'owns; set null: links to clear; delete: rows to delete; recheck: rows that a trigger kept; call: a custom step.';
comment on column unwind.plan_statements.target is
'The table at work; null for call.';
comment on column unwind.plan_statements.anchor is
'Ordinal of the keys or capture statement that this one starts from; k in its condition.';
comment on column unwind.plan_statements.sources is
'Tables between anchor and target, as FROM items; for capture, the whole query; for call, the function.';
comment on column unwind.plan_statements.condition is 'Which rows t of the target, given k and the sources.';
comment on column unwind.plan_statements.columns is
'keys, capture: the columns whose values are carried; refuse, set null: the linking columns of the target; '
'guard: the key columns by which its rows are owned.';
comment on column unwind.plan_statements.types is 'Types of those columns.';
comment on column unwind.plan_statements.full_types is
'The same with their length or precision, and a collation under which different texts are equal.';
comment on column unwind.plan_statements.stage is
'Steps of one stage are undone together: rows of the earlier can refer to rows of the later.';
comment on column unwind.plan_statements.component is
'Deletions of one component go in one statement: their rows can refer to each other.';

create table if not exists unwind_internal.plan_ways (
    workflow text not null references unwind.workflows (workflow) on delete cascade,
    step text not null,
    way int not null,
    target regclass not null,
    columns text [] not null,
    anchor int,
    anchor_columns int [],
    parent_way int,
    parent_columns text [],
    primary key (workflow, way)
);
create index if not exists plan_ways_target on unwind_internal.plan_ways (workflow, target);
comment on table unwind_internal.plan_ways is
'How a step reaches a table: its columns equal those of an anchor, or of a row reached by the parent way.';
comment on column unwind_internal.plan_ways.anchor_columns is
'Positions in the columns of the anchor''s plan statement.';

create table if not exists unwind_internal.plan_links (
    workflow text not null references unwind.workflows (workflow) on delete cascade,
    child_table regclass not null,
    child_columns text [] not null,
    parent_table regclass not null,
    parent_columns text [] not null,
    on_delete text not null
);
create index if not exists plan_links_child on unwind_internal.plan_links (workflow, child_table);
create index if not exists plan_links_parent on unwind_internal.plan_links (workflow, parent_table);
comment on table unwind_internal.plan_links is
'The foreign keys while a workflow is planned; empty otherwise. See unwind_internal.foreign_keys.';

create table if not exists unwind_internal.planned_tables (
    workflow text not null references unwind.workflows (workflow) on delete cascade,
    target regclass not null,
    table_name text not null,
    columns text [] not null,
    types text [] not null,
    numbers smallint [] not null,
    real_keys text [],
    is_rechecked boolean not null,
    digest text not null,
    primary key (workflow, target)
);
comment on table unwind_internal.planned_tables is
'What the plan of a workflow takes for granted of each table. Where that no longer holds, it has to be compiled anew.';
comment on column unwind_internal.planned_tables.numbers is
'Numbers of the columns: under another name the same number is a renamed column.';
comment on column unwind_internal.planned_tables.real_keys is
'The real foreign keys that point at it; null where the plan does not delete from it.';
comment on column unwind_internal.planned_tables.digest is 'Of all that; the generated function holds the same.';

-- Runtime -------------------------------------------------------------------------------------

create table if not exists unwind.workflow_runs (
    id text not null primary key check (id <> ''),
    workflow text not null,
    business_key text,
    status text not null default 'RUNNING'
    check (status in ('RUNNING', 'COMPLETED', 'FAILED', 'COMPENSATING', 'COMPENSATED')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    completed_at timestamptz,
    last_error text,
    retry_count int not null default 0,
    claimed_by text,
    claimed_at timestamptz,
    lease_expires_at timestamptz,
    metadata jsonb not null default '{}',
    retry_at timestamptz
) with (fillfactor = 80);
create index if not exists workflow_runs_business_key on unwind.workflow_runs (business_key);
create index if not exists workflow_runs_claims
on unwind.workflow_runs (status, claimed_by, lease_expires_at);
comment on table unwind.workflow_runs is 'One row per workflow run: its status, error and claim.';
comment on column unwind.workflow_runs.business_key is
'What the run is about in the application''s words: a brief id, an order number.';
comment on column unwind.workflow_runs.status is
'RUNNING, COMPLETED, FAILED (to be undone), COMPENSATING (being undone in batches), COMPENSATED (undone).';
comment on column unwind.workflow_runs.last_error is 'Why the run, or its compensation, last failed.';
comment on column unwind.workflow_runs.retry_count is 'Failed tries to compensate it.';
comment on column unwind.workflow_runs.retry_at is
'After a failed try, when recover_runs tries again; infinity: it has given up, see unwind.stuck_runs.';
comment on column unwind.workflow_runs.claimed_by is 'The worker that holds the claim; null: unclaimed.';
comment on column unwind.workflow_runs.lease_expires_at is 'When the claim lapses; the server''s time.';

create table if not exists unwind_internal.ledger (
    run_id text not null references unwind.workflow_runs (id) on delete cascade,
    step text not null,
    entity_key text [] not null,
    recorded_at timestamptz not null default now(),
    compensated_at timestamptz,
    primary key (run_id, step, entity_key)
);
comment on table unwind_internal.ledger is
'Which entity keys each step of a run created. Read unwind.run_steps.';
comment on column unwind_internal.ledger.compensated_at is
'When the step was undone and the run was not; that a run is undone is said by its status, once for all its steps.';

create table if not exists unwind.entity_owners (
    root_table regclass not null,
    key_columns text [] not null,
    entity_key text [] not null,
    run_id text not null references unwind.workflow_runs (id) on delete cascade,
    primary key (root_table, key_columns, entity_key)
);
create index if not exists entity_owners_run on unwind.entity_owners (run_id);
comment on table unwind.entity_owners is
'Which run last recorded an entity; it owns the entity until it is COMPENSATED.';

create table if not exists unwind_internal.receipts (
    run_id text not null,
    entry bigint not null generated always as identity,
    steps text [] not null,
    tables text [] not null,
    counts bigint [] not null,
    compensated_at timestamptz not null default now(),
    compensated_by text not null default current_user,
    primary key (run_id, entry)
);
comment on table unwind_internal.receipts is
'The receipts, a row per run and undo, for ten rows cost what the ten deletes do. Read unwind.compensations. No '
'foreign key: they outlive the run.';
comment on column unwind_internal.receipts.counts is
'Rows deleted, per step and table in the order of deletion; null or 0 where there were none.';

create table if not exists unwind_internal.batch_progress (
    run_id text not null references unwind.workflow_runs (id) on delete cascade,
    place int not null,
    step text not null,
    table_name text not null,
    rows_expected bigint not null,
    rows_done bigint not null default 0,
    entry bigint not null,
    updated_at timestamptz not null default now(),
    primary key (run_id, place)
) with (fillfactor = 50);
comment on table unwind_internal.batch_progress is
'How far an undo in batches has come, per step and table in the order of deletion. Read unwind.progress.';
comment on column unwind_internal.batch_progress.place is 'Where the table stands in the arrays of the receipts.';
comment on column unwind_internal.batch_progress.entry is 'The row of unwind_internal.receipts that counts along.';

do $$
begin
    if to_regtype('unwind.receipt') is null then
        create type unwind.receipt as (ordinal int, step text, table_name text, rows_deleted bigint);
    end if;
end
$$;
comment on type unwind.receipt is
'What compensate_step returns: compensate_run''s columns. (An argument and a result column cannot share a name.)';
