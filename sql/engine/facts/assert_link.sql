-- Both ends of a link exist, match in number, and can be compared.
-- Errors: UW009.
create or replace function unwind_internal.assert_link(
    child_table regclass, child_columns text [], parent_table regclass, parent_columns text []
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.assert_table(child_table, child_columns);
    perform unwind_internal.assert_table(parent_table, parent_columns);
    if cardinality(child_columns) <> cardinality(parent_columns) then
        raise 'foreign key from % to % has % columns on one side and % on the other',
            child_table, parent_table, cardinality(child_columns), cardinality(parent_columns)
        using errcode = 'UW009',
            detail = 'Each column of the child refers to one column of the parent.',
            hint = 'Name as many parent columns as child columns.';
    end if;
    for i in 1..cardinality(child_columns) loop
        if unwind_internal.link_equality(child_table, child_columns[i], parent_table, parent_columns[i]) is null then
            perform unwind_internal.raise_incomparable(child_table, child_columns[i], parent_table, parent_columns[i]);
        end if;
    end loop;
end
$$;
