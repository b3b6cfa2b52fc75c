-- A line for each real foreign key that only refuses: live where the row is part of its parent, commented out
-- where it can stay.
create or replace function unwind_internal.suggest_real_links(root_table regclass)
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select line.text
    from unwind_internal.suggested_links(root_table) as l
    cross join lateral (
        select unwind_internal.render_declared_link(
            l.child_table, l.child_columns, l.parent_table, l.parent_columns
        ) as statement
    ) as d
    cross join lateral (values
        (1, case
            when not l.goes_along
                then format('-- %s (%s) may be null: its rows can do without %s. ''cascade'', or ''set null''?',
                    l.child_table, array_to_string(l.child_columns, ', '), l.parent_table)
        end),
        (2, case when l.goes_along then '' else '-- ' end || d.statement)
    ) as line (n, text)
    where l.on_delete = 'restrict' and not l.is_declared and line.text is not null
    order by not l.goes_along, l.parent_table <> suggest_real_links.root_table, l.parent_table::text,
        l.child_table::text, l.child_columns, line.n
$$;
