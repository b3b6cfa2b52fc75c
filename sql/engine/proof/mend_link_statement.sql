-- How a declared link follows columns that were renamed: by compiling; or else how to take it back. A table that is
-- gone can only be named by its number.
create or replace function unwind_internal.mend_link_statement(link unwind.logical_foreign_keys, workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when s.tbl is not null then format('select unwind_internal.take_table(%L, %L);', s.tbl, s.table_name)
        when c.columns is null or p.columns is null
            or (c.columns, p.columns) = ((link).child_columns, (link).parent_columns)
            then format('select unwind.drop_foreign_key(%L, %L, %L, %L); -- then declare it as it is now',
                (link).child_table, (link).child_columns, (link).parent_table, (link).parent_columns)
        else format('select unwind.compile_workflow(%L); -- it follows, from (%s) to (%s)',
            mend_link_statement.workflow, array_to_string(c.columns, ', '), array_to_string(p.columns, ', '))
    end
    from (select unwind_internal.renamed_columns(workflow, (link).child_table, (link).child_columns) as columns) as c
    cross join
        (select unwind_internal.renamed_columns(workflow, (link).parent_table, (link).parent_columns) as columns) as p
    left join lateral (
        select u.tbl, unwind_internal.successor(mend_link_statement.workflow, u.tbl) as table_name
        from (values ((link).child_table), ((link).parent_table)) as u (tbl)
        where unwind_internal.successor(mend_link_statement.workflow, u.tbl) is not null
        order by u.tbl
        limit 1
    ) as s on true
$$;
