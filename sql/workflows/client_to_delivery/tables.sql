-- The ten tables of client_to_delivery, created in the current schema. Running it again changes nothing.
--
-- They are an application's tables as they came: business keys that are strings, serial ids beside them,
-- links that exist only in people's heads. The one real foreign key is qc_issues -> qc_results; workflow.sql
-- declares the others.

-- Step brief ----------------------------------------------------------------------------------

create table if not exists onboarding_brief (
    id varchar not null primary key,
    client_id varchar not null,
    deliverables json,
    exclusions json,
    timeline_weeks integer,
    objectives json,
    target_audience text,
    brand_guidelines json,
    metadata json,
    normalized_at timestamptz,
    created_at timestamptz not null default pg_catalog.now(),
    updated_at timestamptz not null default pg_catalog.now()
);
comment on table onboarding_brief is 'Step brief: what a client wants, normalized.';
comment on column onboarding_brief.id is 'Business key, chosen by the application.';
comment on column onboarding_brief.normalized_at is
'When the intake''s answers were last turned into this brief.';

create table if not exists onboarding_intake (
    id varchar not null primary key,
    brief_id varchar,
    client_id varchar not null,
    responses json,
    attachments json,
    submitted_at timestamptz,
    created_at timestamptz not null default pg_catalog.now(),
    updated_at timestamptz not null default pg_catalog.now()
);
comment on table onboarding_intake is 'Step brief: the client''s own answers, from which the brief was made.';
comment on column onboarding_intake.brief_id is
'onboarding_brief.id; null until a brief was made of it. Not indexed, as in the application this comes from: '
'unwind.check_workflow reports it.';

-- Step strategy -------------------------------------------------------------------------------

create table if not exists strategy_document (
    id varchar not null primary key,
    brief_id varchar not null,
    version integer not null default 1,
    kpis json,
    channels json,
    timeline json,
    executive_summary text,
    is_approved boolean not null default false,
    approved_at timestamptz,
    created_at timestamptz not null default pg_catalog.now(),
    updated_at timestamptz not null default pg_catalog.now(),
    unique (brief_id, version)
);
comment on table strategy_document is 'Step strategy: how the brief is to be met.';
comment on column strategy_document.brief_id is
'onboarding_brief.id; its index is that of the unique constraint.';
comment on column strategy_document.version is 'Counts the strategies of one brief.';

-- Step draft ----------------------------------------------------------------------------------

create table if not exists production_drafts (
    id serial primary key,
    draft_id varchar not null unique,
    strategy_id varchar not null,
    content_type varchar,
    body text,
    meta json,
    created_at timestamptz not null default pg_catalog.now(),
    updated_at timestamptz not null default pg_catalog.now()
);
create index if not exists production_drafts_strategy_id_idx on production_drafts (strategy_id);
comment on table production_drafts is 'Step draft: the text that was produced.';
comment on column production_drafts.draft_id is 'Business key; id means nothing outside this table.';
comment on column production_drafts.strategy_id is 'strategy_document.id';

create table if not exists production_bundles (
    id serial primary key,
    bundle_id varchar not null unique,
    draft_id varchar not null,
    assembled_at timestamptz,
    created_at timestamptz not null default pg_catalog.now(),
    updated_at timestamptz not null default pg_catalog.now()
);
create index if not exists production_bundles_draft_id_idx on production_bundles (draft_id);
comment on table production_bundles is 'Step draft: assets of a draft that go out together.';
comment on column production_bundles.bundle_id is 'Business key; id means nothing outside this table.';
comment on column production_bundles.draft_id is 'production_drafts.draft_id';

create table if not exists production_bundle_assets (
    id serial primary key,
    asset_id varchar not null unique,
    bundle_id varchar not null,
    asset_type varchar,
    url varchar,
    meta json,
    created_at timestamptz not null default pg_catalog.now(),
    updated_at timestamptz not null default pg_catalog.now()
);
create index if not exists production_bundle_assets_bundle_id_idx on production_bundle_assets (bundle_id);
comment on table production_bundle_assets is 'Step draft: one image, film or page of a bundle.';
comment on column production_bundle_assets.asset_id is 'Business key; id means nothing outside this table.';
comment on column production_bundle_assets.bundle_id is 'production_bundles.bundle_id';

-- Step qc -------------------------------------------------------------------------------------

create table if not exists qc_results (
    id varchar not null primary key,
    draft_id varchar not null unique,
    passed boolean not null,
    score float,
    evaluated_at timestamptz,
    created_at timestamptz not null default pg_catalog.now(),
    updated_at timestamptz not null default pg_catalog.now()
);
comment on table qc_results is 'Step qc: the verdict on a draft, stored whether or not it passed.';
comment on column qc_results.draft_id is 'production_drafts.draft_id; one verdict a draft.';

create table if not exists qc_issues (
    id integer not null primary key,
    result_id varchar not null references qc_results (id) on delete cascade,
    severity varchar,
    section varchar,
    reason text,
    created_at timestamptz not null default pg_catalog.now()
);
create index if not exists qc_issues_result_id_idx on qc_issues (result_id);
comment on table qc_issues is
'Step qc: what was found wrong. Holds the one real foreign key of these tables.';
comment on column qc_issues.id is 'A number without a sequence: whoever inserts a row supplies it.';

-- Step package --------------------------------------------------------------------------------

create table if not exists delivery_packages (
    id serial primary key,
    package_id varchar not null unique,
    draft_id varchar not null,
    created_at timestamp not null default localtimestamp,
    updated_at timestamp not null default localtimestamp
);
create index if not exists delivery_packages_draft_id_idx on delivery_packages (draft_id);
comment on table delivery_packages is 'Step package: what the client receives.';
comment on column delivery_packages.id is 'A number; the key that other tables hold is package_id, a string.';
comment on column delivery_packages.package_id is 'Business key.';
comment on column delivery_packages.draft_id is 'production_drafts.draft_id';

create table if not exists delivery_artifacts (
    id serial primary key,
    package_id varchar not null,
    name varchar,
    url varchar,
    format varchar,
    position integer not null default 0,
    created_at timestamp not null default localtimestamp
);
create index if not exists delivery_artifacts_package_id_idx on delivery_artifacts (package_id);
create index if not exists delivery_artifacts_package_id_position_idx
on delivery_artifacts (package_id, position);
comment on table delivery_artifacts is 'Step package: the files of a package.';
comment on column delivery_artifacts.package_id is 'delivery_packages.package_id, not its id.';
comment on column delivery_artifacts.position is 'Place of the file in its package.';
