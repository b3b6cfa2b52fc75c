-- What pgunwind has to know of client_to_delivery: five steps and the links between their ten tables.
-- Table names are looked up in the search_path. Running it again changes nothing.

select unwind.define_workflow('client_to_delivery', 'From a client''s brief to a delivered package.');

-- The steps in forward order; each names the table and the column that its entity keys stand for.
select unwind.define_step('client_to_delivery', 'brief', 'onboarding_brief', 'id');
select unwind.define_step('client_to_delivery', 'strategy', 'strategy_document', 'id');
select unwind.define_step('client_to_delivery', 'draft', 'production_drafts', 'draft_id');
select unwind.define_step('client_to_delivery', 'qc', 'qc_results', 'id');
select unwind.define_step('client_to_delivery', 'package', 'delivery_packages', 'package_id');

-- Children that belong to their parent and go with it. qc_issues -> qc_results is a real foreign key with
-- ON DELETE CASCADE: it says this by itself.
select unwind.declare_foreign_key(
    'onboarding_intake', '{brief_id}',
    'onboarding_brief', '{id}', 'cascade'
);
select unwind.declare_foreign_key(
    'production_bundles', '{draft_id}',
    'production_drafts', '{draft_id}', 'cascade'
);
select unwind.declare_foreign_key(
    'production_bundle_assets', '{bundle_id}',
    'production_bundles', '{bundle_id}', 'cascade'
);
select unwind.declare_foreign_key(
    'delivery_artifacts', '{package_id}',
    'delivery_packages', '{package_id}', 'cascade'
);

-- Entities of another step: they only refer to their parent. If one that this run did not create still does,
-- the compensation is refused (UW007), and nothing of anybody's is deleted.
select unwind.declare_foreign_key(
    'strategy_document', '{brief_id}',
    'onboarding_brief', '{id}', 'restrict'
);
select unwind.declare_foreign_key(
    'production_drafts', '{strategy_id}',
    'strategy_document', '{id}', 'restrict'
);
select unwind.declare_foreign_key(
    'qc_results', '{draft_id}',
    'production_drafts', '{draft_id}', 'restrict'
);
select unwind.declare_foreign_key(
    'delivery_packages', '{draft_id}',
    'production_drafts', '{draft_id}', 'restrict'
);
