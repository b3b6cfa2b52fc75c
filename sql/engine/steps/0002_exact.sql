-- Step 2: whose rows, and with whose rights. Immutable once released; running it again changes nothing.

-- Under the lock of definitions, as lock.sql says; here for whoever runs this step by itself -------
do $$
begin
    if to_regprocedure('unwind_internal.lock_definitions()') is not null then
        perform unwind_internal.lock_definitions();
    end if;
end
$$;

-- Signatures that changed: "create or replace" would leave the old ones beside the new ----------
drop function if exists unwind.define_workflow(text, text);
drop function if exists unwind.compensate_run(text, boolean);
drop function if exists unwind.compensate_runs(text [], boolean);
drop function if exists unwind.complete_run(text);
drop function if exists unwind.purge_runs(interval, text, int, boolean);
drop function if exists unwind.start_run(text, text, text, jsonb, text, interval);
-- Of the helpers and generated functions of step 1 many have other arguments or are gone: all go, those excepted that a
-- view calls, and come anew. Only on the way from step 1: later installations replace.
do $$
declare
    v_function regprocedure;
begin
    if to_regclass('unwind.audit_log') is not null then
        return;
    end if;
    for v_function in
        select p.oid
        from pg_catalog.pg_proc as p
        where p.pronamespace in ('unwind_internal'::regnamespace, 'unwind_compiled'::regnamespace)
            and not exists (
                select from pg_catalog.pg_depend as d
                where d.refclassid = 'pg_catalog.pg_proc'::regclass and d.refobjid = p.oid
            )
    loop
        execute pg_catalog.format('drop routine %s', v_function);
    end loop;
    drop function if exists unwind.preview_run(text); -- it has a column more
end
$$;

-- Whose run it is -------------------------------------------------------------------------------
alter table unwind.workflow_runs add column if not exists started_by name;
comment on column unwind.workflow_runs.started_by is
'The role that started it: the setting role, else the login. Null (from before step 2): the operators''.';

alter table unwind.workflows add column if not exists check_delete_right boolean not null default true;
comment on column unwind.workflows.check_delete_right is
'Whether only who may delete from a step''s tables may record it; false where the application''s interface is '
'itself SECURITY DEFINER functions.';

alter table unwind_internal.receipts add column if not exists login name;
-- Inside a SECURITY DEFINER function that would be the engine's owner.
alter table unwind_internal.receipts alter column compensated_by drop default;
comment on column unwind_internal.receipts.login is 'The login behind compensated_by, the role in effect.';

-- Entities taken out of a run's undo ------------------------------------------------------------
alter table unwind_internal.ledger add column if not exists released_at timestamptz;
alter table unwind_internal.ledger add column if not exists released_by name;
comment on column unwind_internal.ledger.released_at is
'When release_entity took it out of the run''s undo: the row is kept, and nobody''s.';
-- The order in which runs that depend on each other are undone: not now(), which is when the transaction began.
alter table unwind_internal.ledger alter column recorded_at set default clock_timestamp();

-- A run cannot go while one of its keys is recorded, which holds its row; what goes with it: forget_keys. The two
-- constraints would ask that again with every record.
alter table unwind_internal.ledger drop constraint if exists ledger_run_id_fkey;
alter table unwind.entity_owners drop constraint if exists entity_owners_run_id_fkey;

-- Owners are compared by their keys before their columns: nearly all of a table have the same columns, and PostgreSQL
-- takes its time to find two arrays equal. So under which columns there are any is kept beside them.
do $$
begin
    if to_regclass('unwind_internal.owning_columns') is null then
        create table unwind_internal.owning_columns (
            root_table regclass not null,
            key_columns text [] not null,
            primary key (root_table, key_columns)
        );
        insert into unwind_internal.owning_columns (root_table, key_columns)
        select o.root_table, o.key_columns from unwind.entity_owners as o
        union
        select p.target, p.columns from unwind.plan_statements as p where p.action = 'keys';
        alter table unwind.entity_owners
        drop constraint entity_owners_pkey,
        add constraint entity_owners_pkey primary key (root_table, entity_key, key_columns);
    end if;
end
$$;
comment on table unwind_internal.owning_columns is
'The key columns under which entities of a table are owned, or can be: by a plan, or by one that is gone.';

-- Links -----------------------------------------------------------------------------------------
alter table unwind.logical_foreign_keys add column if not exists set_columns text [];
comment on column unwind.logical_foreign_keys.set_columns is
'For set null: the columns to clear, where not all of child_columns.';
alter table unwind_internal.plan_links add column if not exists set_columns text [];
-- By table alone: where nothing but a workflow that is being planned has rows, PostgreSQL would take any index that has
-- the workflow too, and read all its rows for each table.
drop index if exists unwind_internal.plan_links_child;
drop index if exists unwind_internal.plan_links_parent;
create index if not exists plan_links_of_child on unwind_internal.plan_links (child_table);
create index if not exists plan_links_to_parent on unwind_internal.plan_links (parent_table);
-- Without a key: where a publication is for all tables, its rows could not be deleted otherwise.
alter table unwind_internal.plan_links replica identity full;
comment on column unwind.plan_statements.columns is
'keys, capture: the columns whose values are carried; refuse: the linking columns of the target; set null: those of '
'them that are cleared; guard: the key columns by which its rows are owned.';

-- Plan ------------------------------------------------------------------------------------------
alter table unwind_internal.planned_tables add column if not exists target_oid oid;
comment on column unwind_internal.planned_tables.target_oid is
'The number of the table when it was planned: where it differs, this is a restored dump, and numbers of columns '
'say nothing.';

-- A plan is data: which columns of the target equal which of the anchor, or of a row that the parent way reaches. The
-- SQL is made of it when a function is compiled, or a preview asked for.
alter table unwind.plan_statements
add column if not exists way_columns text [],
add column if not exists anchor_columns int [],
add column if not exists parent_way int,
add column if not exists parent_columns text [];
comment on column unwind.plan_statements.anchor is
'Ordinal of the keys or capture statement that this one starts from; of a part of a capture of several tables, that '
'capture.';
comment on column unwind.plan_statements.way_columns is
'The columns of the target that say which of its rows are meant.';
comment on column unwind.plan_statements.anchor_columns is
'What they equal: positions in the columns of the anchor.';
comment on column unwind.plan_statements.parent_way is
'Or a row of the table into which this way leads (unwind_internal.plan_ways): parent_columns.';
comment on column unwind.plan_statements.sources is 'call: the function of a custom step.';
comment on column unwind.plan_statements.condition is 'Of step 1, and null since: see way_columns.';
alter table unwind.plan_statements add column if not exists look_up text;
comment on column unwind.plan_statements.look_up is
'keys: the query, a template, by which record_step sees the rows that are there under a key.';
alter table unwind_internal.planned_tables add column if not exists key_types text [];
comment on column unwind_internal.planned_tables.key_types is
'Full types of the columns that are keys of roots, by which recorded keys were written; null for the others.';
update unwind_internal.planned_tables as t
set key_types = array(
        select (
            select f.full_type
            from unwind.plan_statements as p
            cross join unnest(p.columns, p.full_types) as f (name, full_type)
            where p.workflow = t.workflow and p.target = t.target and p.action = 'keys' and f.name = c.name
            order by p.ordinal
            limit 1
        )
        from unnest(t.columns) with ordinality as c (name, n)
        order by c.n
    )
where t.key_types is null;

alter table unwind_internal.plan_ways add column if not exists joins int not null default 0;
comment on column unwind_internal.plan_ways.anchor is 'The keys or capture statement that it starts from.';
comment on column unwind_internal.plan_ways.joins is 'How many parent ways lie between it and its anchor.';
-- In the order in which they are asked for: else PostgreSQL, while it knows nothing of the table, takes the primary key
-- for that order, and reads all ways of the workflow for each table.
drop index if exists unwind_internal.plan_ways_target;
create index if not exists plan_ways_to_target on unwind_internal.plan_ways (workflow, target, way);

create table if not exists unwind_internal.key_moves (
    run_id text not null,
    step text not null,
    entity_key text [] not null,
    new_key text [] not null,
    primary key (run_id, step, entity_key, new_key)
);
comment on table unwind_internal.key_moves is
'Recorded keys and what they become, while key columns change their type or give way to others; empty otherwise.';
comment on column unwind_internal.key_moves.new_key is 'Empty where the key would be lost.';
alter table unwind.workflows add column if not exists looks_again boolean not null default false;
comment on column unwind.workflows.looks_again is
'Whether code of the user''s runs in an undo (triggers, rules, custom steps): then it looks again, once it has '
'deleted, for rows that were kept or written meanwhile.';
comment on column unwind_internal.planned_tables.is_rechecked is
'Whether the workflow looks again; where not, a trigger that comes later makes the plan stale.';

-- Rights used -----------------------------------------------------------------------------------
create table if not exists unwind.audit_log (
    entry bigint not null generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    action text not null check (action in ('granted', 'forced', 'adopted', 'released', 'restored')),
    role name not null,
    login name not null default session_user,
    run_id text,
    step text,
    entity_key text [],
    detail text
);
create index if not exists audit_log_run on unwind.audit_log (run_id);
comment on table unwind.audit_log is
'Append-only: who granted access, forced an undo or took one back, adopted or released an entity, when, as which role '
'and login.';
comment on column unwind.audit_log.role is 'The role in effect: the setting role, else the login.';
comment on column unwind.audit_log.detail is 'What was overridden or granted, in words.';

-- Definitions are compiled once ------------------------------------------------------------------
create table if not exists unwind_internal.uncompiled_workflows (
    workflow text not null primary key references unwind.workflows (workflow) on delete cascade
);
comment on table unwind_internal.uncompiled_workflows is
'Workflows whose definitions this transaction has changed and not compiled yet; empty otherwise.';
create table if not exists unwind_internal.defined_columns (
    tbl regclass not null,
    table_name text not null,
    name text not null,
    number smallint not null,
    primary key (tbl, name, number)
);
comment on table unwind_internal.defined_columns is
'Columns that definitions of this transaction name, which are not compiled yet: what the names meant. Empty otherwise.';

-- Tables in dumps --------------------------------------------------------------------------------
create table if not exists unwind_internal.known_tables (
    number oid not null primary key,
    tbl regclass not null,
    table_name text not null,
    kept_in oid not null default 'unwind_internal.known_tables'::regclass
);
comment on table unwind_internal.known_tables is
'The tables that definitions name. A dump writes one that was dropped by its number, which may be another''s where it '
'is restored.';
comment on column unwind_internal.known_tables.kept_in is
'The number of this table when the row was written: where it differs, this is a restored dump.';

-- Partitions -------------------------------------------------------------------------------------
create table if not exists unwind_internal.known_partitions (
    target regclass not null,
    part regclass not null,
    primary key (target, part)
);
comment on table unwind_internal.known_partitions is
'Partitions that planned tables have had: one that is detached now is not undone any more, and check_workflow says so.';

-- What each run pays -----------------------------------------------------------------------------
-- PostgreSQL reads the text of a check and plans it anew in each statement that writes a row: one is cheaper than two,
-- and a cast than a list of five texts.
do $$
begin
    if pg_catalog.to_regtype('unwind_internal.run_status') is null then
        create type unwind_internal.run_status as enum (
            'RUNNING', 'COMPLETED', 'FAILED', 'COMPENSATING', 'COMPENSATED'
        );
        comment on type unwind_internal.run_status is
        'What unwind.workflow_runs.status can be. The column itself is text, as views of the user''s may know it.';
        alter table unwind.workflow_runs
        drop constraint if exists workflow_runs_id_check,
        drop constraint if exists workflow_runs_status_check,
        add constraint workflow_runs_check
        check (id <> '' and status::unwind_internal.run_status is not null);
        -- Most runs have no business key, and need no place where one can be found by it.
        drop index unwind.workflow_runs_business_key;
        create index workflow_runs_business_key on unwind.workflow_runs (business_key) where business_key is not null;
    end if;
end
$$;

-- Growth ----------------------------------------------------------------------------------------
-- By default a table of 50 million rows is not vacuumed before 10 million of them are dead, nor analyzed before 5
-- million have changed; and a table that is but added to is not frozen until it has to be, all at once.
alter table unwind.workflow_runs set (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.01
);
alter table unwind_internal.ledger set (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.01
);
alter table unwind.entity_owners set (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.01
);
alter table unwind_internal.receipts set (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.01
);
-- A row for each table of a run, updated with every batch.
alter table unwind_internal.batch_progress set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
-- By which purge_runs finds what ended long ago.
create index if not exists workflow_runs_ended on unwind.workflow_runs (updated_at)
where status in ('COMPLETED', 'COMPENSATED');
-- By which find_runs gives the newest first.
create index if not exists workflow_runs_created on unwind.workflow_runs (created_at);
create index if not exists receipts_age on unwind_internal.receipts (compensated_at);
create index if not exists audit_log_age on unwind.audit_log (at);

-- Capture ---------------------------------------------------------------------------------------
-- An image of a row names its run by eight bytes.
alter table unwind.workflow_runs
add column if not exists number bigint generated always as identity,
add column if not exists images_dropped_at timestamptz;
create unique index if not exists workflow_runs_number on unwind.workflow_runs (number);
comment on column unwind.workflow_runs.number is 'By which images of captured rows name the run.';
comment on column unwind.workflow_runs.images_dropped_at is
'When images of rows that the run changed were dropped: it can no longer be undone as a whole.';

create schema if not exists unwind_captured;
comment on schema unwind_captured is 'Images of the rows that runs changed: a log for each table under capture.';

create table if not exists unwind_internal.captured_tables (
    table_name regclass not null primary key,
    log_name text not null unique,
    target_oid oid not null,
    columns text [] not null,
    types text [] not null,
    numbers smallint [] not null,
    added smallint [] not null,
    key_columns text [] not null,
    shape smallint not null default 1,
    min_shape smallint not null default 1,
    fingerprint text not null,
    by_row boolean not null,
    ignored text [] not null default '{}'
);
comment on table unwind_internal.captured_tables is 'The tables under capture, and what their logs look like.';
comment on column unwind_internal.captured_tables.log_name is
'The table of schema unwind_captured that holds the images; it stays when the table is renamed.';
comment on column unwind_internal.captured_tables.target_oid is
'The number of the table when the log was made: where it differs, this is a restored dump, and numbers of columns '
'say nothing.';
comment on column unwind_internal.captured_tables.types is
'What the log''s columns are of: the types behind domains, without length or precision.';
comment on column unwind_internal.captured_tables.added is 'The shape with which each column came.';
comment on column unwind_internal.captured_tables.shape is
'Counts the changes of the table''s columns; each image says which columns it knows.';
comment on column unwind_internal.captured_tables.min_shape is
'Images of before have a column of a type that it no longer has.';
comment on column unwind_internal.captured_tables.fingerprint is
'Of the table as the log and the triggers'' functions know it.';
comment on column unwind_internal.captured_tables.ignored is
'Columns that say nothing of whether somebody has changed a row (ignore_columns).';
comment on column unwind_internal.captured_tables.by_row is
'Captured row by row, as a partitioned table is: those triggers alone come to every partition, also to later ones.';

create table if not exists unwind_internal.bound_roles (role_name name not null primary key);
comment on table unwind_internal.bound_roles is 'Roles that write to captured tables only inside a run.';

create unlogged table if not exists unwind_internal.entered_runs (
    xid xid8 not null,
    began_at timestamptz not null,
    run bigint not null,
    primary key (xid, run)
);
comment on table unwind_internal.entered_runs is
'Which transaction of a bound role is of which run; enter_run writes it, and forgets those that have ended. And which '
'undoes one, by a negative number: see enter_undo.';
comment on column unwind_internal.entered_runs.began_at is
'When the transaction began: in a restored dump another could have its number.';

create table if not exists unwind_internal.kept_undos (
    function_name text not null primary key,
    log_names text [] not null,
    inserted_only boolean not null,
    names regclass [] not null,
    labels text [] not null,
    depends_on regclass [] not null,
    depends text not null,
    all_deferrable text,
    initially_deferred text,
    left_over text [] not null,
    is_foreseen boolean not null,
    state text not null
);
comment on table unwind_internal.kept_undos is
'Functions of schema unwind_compiled that undo runs in a set of captured tables, so that it is planned once a session.';
comment on column unwind_internal.kept_undos.inserted_only is 'Whether it is for runs that only inserted there.';
comment on column unwind_internal.kept_undos.labels is 'What receipts call them.';
comment on column unwind_internal.kept_undos.depends_on is 'The tables that it names.';
comment on column unwind_internal.kept_undos.depends is 'How they were called when it was made.';
comment on column unwind_internal.kept_undos.all_deferrable is 'Constraints that speak at its end.';
comment on column unwind_internal.kept_undos.initially_deferred is 'Those of them that are deferred again then.';
comment on column unwind_internal.kept_undos.left_over is
'Per table the query for rows that code of the user''s has changed meanwhile; null where there is none.';
comment on column unwind_internal.kept_undos.is_foreseen is
'Whether images say all that it may change: see is_foreseen.';
comment on column unwind_internal.kept_undos.state is 'What it was made of: where that has changed, it is made anew.';

do $$
begin
    if to_regtype('unwind_internal.image_receipt') is null then
        create type unwind_internal.image_receipt as (
            table_name text, run bigint, rows_deleted bigint, rows_reverted bigint, rows_reinserted bigint,
            rows_skipped bigint
        );
    end if;
end
$$;
do $$
begin
    if to_regtype('unwind_internal.table_outcome') is null then
        create type unwind_internal.table_outcome as (
            place int, run bigint, deletes bigint, updates bigint, inserts bigint, conflicts bigint,
            done bigint,
            deleted bigint, restored bigint, bad text, is_refused boolean, dragged text, link text, is_back boolean,
            all_deletes bigint, all_updates bigint, all_inserts bigint, all_conflicts bigint
        );
    end if;
end
$$;
do $$
begin
    if to_regtype('unwind_internal.run_images') is null then
        create type unwind_internal.run_images as (logs text [], images bigint [], have_found boolean);
    end if;
end
$$;
comment on type unwind_internal.run_images is
'In which logs runs have images, how many in each, and whether they found rows in any: see compile_logs.';
comment on type unwind_internal.table_outcome is
'What there was to undo in a captured table for one run and for all, and what was done: see render_undo.';
comment on type unwind_internal.image_receipt is 'What an undo did in a captured table, for one run.';

-- What an undo of captured rows did; null in the receipts of recorded keys.
alter table unwind_internal.receipts
add column if not exists reverted bigint [],
add column if not exists reinserted bigint [],
add column if not exists skipped bigint [];
comment on column unwind_internal.receipts.reverted is 'Captured rows updated back, per table.';
comment on column unwind_internal.receipts.reinserted is 'Captured rows put back, per table.';
comment on column unwind_internal.receipts.skipped is
'Captured rows left as they are, for somebody else has changed them since.';

-- One run is undone -----------------------------------------------------------------------------
alter table unwind.workflow_runs add column if not exists has_receipts boolean not null default false;
comment on column unwind.workflow_runs.has_receipts is
'Whether it has receipts already while it is live: of single steps, of released entities, of an undo taken back.';
update unwind.workflow_runs as r
set has_receipts = true
where r.status <> 'COMPENSATED'
    and not r.has_receipts
    and exists (select from unwind_internal.receipts as c where c.run_id = r.id);
do $$
begin
    if pg_catalog.to_regtype('unwind_internal.recorded_key') is null then
        create type unwind_internal.recorded_key as (entity_key text []);
        comment on type unwind_internal.recorded_key is
        'A key in an array of keys, for they differ in how many columns they have.';
    end if;
    if pg_catalog.to_regtype('unwind_internal.held_run') is null then
        create type unwind_internal.held_run as (
            run_id text, workflow text, number bigint, status text, is_doubtful boolean, has_receipts boolean,
            steps text [], keys unwind_internal.recorded_key []
        );
        comment on type unwind_internal.held_run is
        'A run whose row is locked, and the keys that are to be undone, each with its step: see hold_to_undo.';
    end if;
end
$$;

-- Undo of an undo ------------------------------------------------------------------------------
alter table unwind.workflow_runs add column if not exists held_at timestamptz;
comment on column unwind.workflow_runs.held_at is
'When its undo was taken back: it is FAILED, and sweeps pass it by until fail_run, or an undo by name.';

alter table unwind_internal.receipts
add column if not exists kind text not null default 'undo' check (kind in ('undo', 'restore', 'release'));
comment on column unwind_internal.receipts.kind is
'undo; restore: that took the undo before it back; release: an entity was taken out of what is undone.';

create table if not exists unwind_internal.restorable_runs (
    run bigint not null primary key,
    undone_with bigint not null,
    members int not null,
    entry bigint not null generated always as identity,
    lost_tables text [] not null default '{}',
    is_mirrored boolean not null default false
);
create index if not exists restorable_runs_together on unwind_internal.restorable_runs (undone_with);
comment on table unwind_internal.restorable_runs is
'Runs that are undone and whose undo was captured, so that it can be taken back.';
comment on column unwind_internal.restorable_runs.undone_with is
'The lowest number of the runs that were undone together: the images of the undo name it, negative.';
comment on column unwind_internal.restorable_runs.members is 'How many runs were undone together.';
comment on column unwind_internal.restorable_runs.entry is 'The order of the undos; the last one is taken back first.';
comment on column unwind_internal.restorable_runs.lost_tables is
'Tables that were not under capture: rows of them that the undo deleted cannot come back.';
comment on column unwind_internal.restorable_runs.is_mirrored is
'The undo left no images: its are those of the run, with signs turned. See mirror_images.';

create table if not exists unwind_internal.handed_on (
    run bigint not null,
    log_name text not null,
    heir bigint not null,
    images bigint not null,
    primary key (run, log_name, heir)
);
comment on table unwind_internal.handed_on is
'Images of skipped rows that an undo gave to another run (hand_on); taken back with the undo.';

-- Results ---------------------------------------------------------------------------------------
-- A type of its own: a function's table cannot have a column called as an argument is.
do $$
begin
    if pg_catalog.to_regtype('unwind.dependent_run') is null then
        create type unwind.dependent_run as (run_id text, workflow text, status text, reason text);
        comment on type unwind.dependent_run is 'A run that has to be undone together with another one.';
    end if;
end
$$;
