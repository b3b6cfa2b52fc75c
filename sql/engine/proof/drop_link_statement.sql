-- How to take a declared link back. A table that is gone can only be named by its number.
create or replace function unwind_internal.drop_link_statement(link unwind.logical_foreign_keys)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format('select unwind.drop_foreign_key(%L, %L, %L, %L); -- then declare it as it is now',
        (link).child_table, (link).child_columns, (link).parent_table, (link).parent_columns
    )
$$;
