-- Runs by what is known of them, the newest first: started since then, and before until. Whoever sees no runs but its
-- own finds no others. By a query of the conditions that are given alone, for then PostgreSQL goes by their indexes.
-- Errors: UW009.
create or replace function unwind.find_runs(
    workflow text default null,
    business_key text default null,
    status text default null,
    since timestamptz default null,
    until timestamptz default null,
    max_runs int default 100
)
returns setof unwind.workflow_runs
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.assert_search(status, max_runs);
    return query execute concat_ws(' and ',
        'select r.* from unwind.workflow_runs as r where true',
        case when workflow is not null then 'r.workflow = $1' end,
        case when business_key is not null then 'r.business_key = $2' end,
        case when status is not null then 'r.status = $3' end,
        case when since is not null then 'r.created_at >= $4' end,
        case when until is not null then 'r.created_at < $5' end
    ) || ' order by r.created_at desc, r.id desc limit $6'
    using workflow, business_key, status, since, until, max_runs;
end
$$;
comment on function unwind.find_runs(text, text, text, timestamptz, timestamptz, int) is
'Runs of a workflow, about a business key, in a status, started since and before until; the newest first. '
'Errors: UW009.';
