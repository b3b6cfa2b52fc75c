-- Child rows whose parent is gone (orphans_of), as this transaction has defined links and workflows.
-- Errors: UW008.
create or replace function unwind.find_orphans(workflow text default null)
returns table (
    child_table text,
    child_columns text [],
    parent_table text,
    parent_columns text [],
    orphans bigint,
    sample_keys text []
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.compile_in_time();
    return query select o.* from unwind_internal.orphans_of(workflow) as o;
end
$$;
comment on function unwind.find_orphans(text) is
'Child rows whose parent is gone, per foreign key, with up to five sample keys; no row means none. Errors: UW008.';
