-- Commented lines for each likely foreign key that the schema does not have: the reason, and the call; where the types
-- do not compare, what works instead.
create or replace function unwind_internal.suggest_logical_links(root_table regclass)
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select '-- ' || line.text
    from unwind_internal.suggested_logical_keys(
        (
            select array_agg(l.child_table) || suggest_logical_links.root_table
            from unwind_internal.suggested_links(suggest_logical_links.root_table) as l
            where l.goes_along
        )
    ) as k
    cross join lateral (
        select 1 as n, format('%s (%s) is named after %s (%s), %s and %s compare, and there is no foreign key%s:',
            k.child_table, k.child_column, k.parent_table, k.parent_column, k.child_type, k.parent_type,
            case
                when unwind_internal.has_index(k.child_table, array[k.child_column]) then '' else ', nor an index'
            end) as text
        where k.compares
        union all
        select 2, unwind_internal.render_declared_link(
            k.child_table, array[k.child_column], k.parent_table, array[k.parent_column]
        )
        where k.compares
        union all
        select 1, format('%s (%s) looks like %s (%s), but %s and %s do not compare; a column beside it does:',
            k.child_table, k.child_column, k.parent_table, k.parent_column, k.child_type, k.parent_type)
        where not k.compares
        union all
        select 2, string_agg(m, ' ')
        from unwind_internal.mend_incomparable(k.child_table, k.child_column, k.parent_table, k.parent_column) as m
        where not k.compares
        having not k.compares
    ) as line
    order by k.parent_table <> suggest_logical_links.root_table, k.parent_table::text, k.child_table::text,
        k.child_column, k.parent_column, line.n
$$;
