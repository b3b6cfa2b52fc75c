-- Comments on the links that need no line, since their action is known: a constraint or a declaration says it.
create or replace function unwind_internal.suggest_settled_links(root_table regclass)
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format('-- %s (%s) -> %s: %s, needs no line',
        l.child_table, array_to_string(l.child_columns, ', '), l.parent_table,
        case
            when l.is_declared then format(
                'declared %L', unwind_internal.render_on_delete(l.on_delete, l.set_columns, l.child_columns)
            )
            when l.on_delete = 'cascade' then 'ON DELETE CASCADE'
            else 'ON DELETE SET NULL or SET DEFAULT, which PostgreSQL does by itself'
        end)
    from unwind_internal.suggested_links(root_table) as l
    where (l.is_declared or l.on_delete <> 'restrict') and l.standing is null
    order by l.parent_table <> suggest_settled_links.root_table, l.parent_table::text, l.child_table::text,
        l.child_columns
$$;
