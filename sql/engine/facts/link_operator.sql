-- How a linking column is compared with the column that it refers to (link_equality). A link whose columns are gone, or
-- cannot be compared any more, is for check_workflow to report: if compiling stopped at it, of two such links none
-- could be dropped.
create or replace function unwind_internal.link_operator(
    child_table regclass, child_column text, parent_table regclass, parent_column text
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        unwind_internal.link_equality(child_table, child_column, parent_table, parent_column), 'operator(pg_catalog.=)'
    );
end
$$;
