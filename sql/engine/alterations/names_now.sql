-- Columns of a table as definitions that follow have to name them: as the plan of one workflow knows them, where the
-- old name is free; or, without a workflow, whatever else has their names now.
create or replace function unwind_internal.names_now(workflow text, tbl regclass, columns text [])
returns text []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when names_now.workflow is null then unwind_internal.kept_columns(names_now.tbl, names_now.columns)
        else coalesce(
            unwind_internal.renamed_columns(names_now.workflow, names_now.tbl, names_now.columns), names_now.columns
        )
    end
$$;
