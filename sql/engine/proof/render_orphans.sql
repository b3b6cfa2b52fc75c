-- Counts the rows of a link's child that have all link columns and no parent.
create or replace function unwind_internal.render_orphans(
    child_table regclass, child_columns text [], parent_table regclass, parent_columns text []
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'select count(*), (array_agg(o.key order by o.key))[1:5] from ('
        'select concat_ws('', '', %s) as key from %s as t where %s '
        'and not exists (select from %s as p where %s)) as o',
        unwind_internal.render_columns(render_orphans.child_columns),
        render_orphans.child_table,
        string_agg(format('t.%I is not null', c.child), ' and ' order by c.n),
        render_orphans.parent_table,
        string_agg(format('t.%I %s p.%I', c.child,
            unwind_internal.link_operator(
                render_orphans.child_table, c.child, render_orphans.parent_table, c.parent
            ), c.parent), ' and ' order by c.n)
    )
    from unnest(render_orphans.child_columns, render_orphans.parent_columns) with ordinality as c (child, parent, n)
$$;
