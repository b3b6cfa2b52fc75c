-- Whether rows that a refusal or a guard finds keep rows of a table from being deleted.
create or replace function unwind_internal.blocks(statement unwind.plan_statements, target regclass)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case (statement).action
        when 'guard' then (statement).target = blocks.target
        else exists (
            select from unwind_internal.foreign_keys as f
            where f.child_table = (statement).target and f.child_columns = (statement).columns
                and f.parent_table = blocks.target and f.on_delete = 'restrict'
        )
    end
$$;
