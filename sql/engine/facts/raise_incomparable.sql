-- Errors: UW009, always.
create or replace function unwind_internal.raise_incomparable(
    child_table regclass, child_column text, parent_table regclass, parent_column text
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_child_type text := unwind_internal.column_type(child_table, child_column);
    v_parent_type text := unwind_internal.column_type(parent_table, parent_column);
begin
    raise 'columns %.% and %.% cannot be compared',
        child_table, quote_ident(child_column), parent_table, quote_ident(parent_column)
    using errcode = 'UW009',
        detail = format('PostgreSQL has no equality for %s and %s: no default operator class (btree or hash) for both, '
            'and no cast of its own from the one to the other.', v_child_type, v_parent_type),
        hint = 'Change the type of one of them; or link by a generated column of the other''s type: ' || (
            select string_agg(m, ' ') from unwind_internal.mend_incomparable(
                child_table, child_column, parent_table, parent_column
            ) as m
        ) || case
            when right(v_child_type, 2) = '[]'
                then ' That is the first element; for all of them: a table with a row for each, or a custom step.'
            else ''
        end;
end
$$;
