-- Commented statements for the indexes that looking up the links and the root's key would need. Commented, for none
-- can be made concurrently inside the transaction in which the script runs.
create or replace function unwind_internal.suggest_indexes(root_table regclass, key_columns text [])
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with lookups (tbl, columns) as (
        values (suggest_indexes.root_table, suggest_indexes.key_columns)
        union
        select l.child_table, l.child_columns
        from unwind_internal.suggested_links(suggest_indexes.root_table) as l
    )

    select '-- ' || unwind_internal.render_index(l.tbl, l.columns)
    from lookups as l
    where not unwind_internal.is_kept_elsewhere(l.tbl) and not unwind_internal.has_index(l.tbl, l.columns)
    order by 1
$$;
