-- Two commented lines for each likely foreign key that the schema does not have: the reason and the call.
create or replace function unwind_internal.suggest_logical_links(root_table regclass)
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select line.text
    from unwind_internal.suggested_logical_keys(
        (
            select array_agg(l.child_table) || suggest_logical_links.root_table
            from unwind_internal.suggested_links(suggest_logical_links.root_table) as l
            where l.goes_along
        )
    ) as k
    cross join lateral (values
        (1, format('-- %s (%s) is named after %s (%s), %s and %s compare, and there is no foreign key%s:',
            k.child_table, k.child_column, k.parent_table, k.parent_column, k.child_type, k.parent_type,
            case
                when unwind_internal.has_index(k.child_table, array[k.child_column]) then '' else ', nor an index'
            end)),
        (2, '-- ' || unwind_internal.render_declared_link(
            k.child_table, array[k.child_column], k.parent_table, array[k.parent_column]
        ))
    ) as line (n, text)
    order by k.parent_table <> suggest_logical_links.root_table, k.parent_table::text, k.child_table::text,
        k.child_column, k.parent_column, line.n
$$;
