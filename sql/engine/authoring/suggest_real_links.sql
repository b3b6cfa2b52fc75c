-- A line for each real foreign key that only refuses: live where the row is part of its parent, commented out
-- where it can stay. And for each that stands on partitions alone, for the whole table.
create or replace function unwind_internal.suggest_real_links(root_table regclass)
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select line.text
    from unwind_internal.suggested_links(root_table) as l
    cross join lateral (
        select
            l.on_delete = 'restrict' and not l.is_declared as is_open,
            (
                select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
                from pg_attribute as a
                where a.attrelid = l.child_table and a.attname = any(l.child_columns) and not a.attnotnull
                having count(*) < cardinality(l.child_columns)
            ) as nullable
    ) as o
    cross join lateral (values
        (1, l.standing),
        (2, case
            when o.is_open and not l.goes_along
                then format('-- %s (%s) may be null: its rows can do without %s. ''cascade'', or ''set null%s''?',
                    l.child_table, array_to_string(l.child_columns, ', '), l.parent_table, ' (' || o.nullable || ')')
        end),
        (3, case when o.is_open and not l.goes_along then '-- ' else '' end
            || unwind_internal.render_declared_link(
                l.child_table, l.child_columns, l.parent_table, l.parent_columns,
                case
                    when o.is_open then 'cascade'
                    else unwind_internal.render_on_delete(l.on_delete, l.set_columns, l.child_columns)
                end
            ))
    ) as line (n, text)
    where (o.is_open or l.standing is not null) and line.text is not null
    order by o.is_open and not l.goes_along, l.parent_table <> suggest_real_links.root_table, l.parent_table::text,
        l.child_table::text, l.child_columns, line.n
$$;
