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
declare
    v_child_type text;
    v_parent_type text;
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
        v_child_type := unwind_internal.column_type(child_table, child_columns[i]);
        v_parent_type := unwind_internal.column_type(parent_table, parent_columns[i]);
        if not unwind_internal.can_compare(v_child_type, v_parent_type) then
            raise 'columns %.% and %.% cannot be compared',
                child_table, quote_ident(child_columns[i]), parent_table, quote_ident(parent_columns[i])
            using errcode = 'UW009',
                detail = format('There is no operator %s = %s.', v_child_type, v_parent_type),
                hint = 'Change the type of one of them.';
        end if;
    end loop;
end
$$;
