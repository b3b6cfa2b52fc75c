-- Whether rows of a root can be owned by other columns too, or as rows of a table that is kin.
create or replace function unwind_internal.is_owned_otherwise(root unwind.plan_statements)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from unwind_internal.key_sets(root.target) as s
        where (s.root_table, s.key_columns) <> (root.target, root.columns)
    )
$$;
