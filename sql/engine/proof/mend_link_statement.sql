-- How a declared link follows columns that were renamed; or else how to take it back. A table that is gone can only
-- be named by its number.
create or replace function unwind_internal.mend_link_statement(link unwind.logical_foreign_keys, workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when c.columns is null or p.columns is null
            or (c.columns, p.columns) = ((link).child_columns, (link).parent_columns)
            then format('select unwind.drop_foreign_key(%L, %L, %L, %L); -- then declare it as it is now',
                (link).child_table, (link).child_columns, (link).parent_table, (link).parent_columns)
        else format(
            'update unwind.logical_foreign_keys set child_columns = %5$L, parent_columns = %6$L, set_columns = %8$L where child_table = %1$L::regclass '
            'and child_columns = %2$L and parent_table = %3$L::regclass and parent_columns = %4$L; '
            'select unwind.compile_workflow(%7$L);',
            (link).child_table, (link).child_columns, (link).parent_table, (link).parent_columns,
            c.columns, p.columns, mend_link_statement.workflow,
            unwind_internal.renamed_columns(workflow, (link).child_table, (link).set_columns)
        )
    end
    from (select unwind_internal.renamed_columns(workflow, (link).child_table, (link).child_columns) as columns) as c
    cross join
        (select unwind_internal.renamed_columns(workflow, (link).parent_table, (link).parent_columns) as columns) as p
$$;
