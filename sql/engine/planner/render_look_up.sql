-- The query that record_step looks at the rows under a key with: their versions (xmin), and the other runs that own
-- one of them by other columns, or as a row of a table that is kin. A template for format: the table by its name of
-- today, a clause that locks, the values of the key. Those are literals, for a cast from text could be code of the
-- type's owner; $1 are the runs that may own the rows.
create or replace function unwind_internal.render_look_up(root_table regclass, key_columns text [])
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with other_owners (list) as (
        select replace(string_agg(
            unwind_internal.render_other_owner(
                render_look_up.root_table, array[s.root_table], s.key_columns, '$1'
            ), ', ' order by s.root_table::text, s.key_columns
        ), '%', '%%')
        from unwind_internal.key_sets(render_look_up.root_table) as s
        where (s.root_table, s.key_columns) <> (render_look_up.root_table, render_look_up.key_columns)
    )

    select format(
        case
            when o.list is null then 'select array_agg(distinct s.version), null::text[] from ('
                'select t.xmin::text as version from %%1$s as t where %2$s %%2$s) as s'
            else 'select array_agg(distinct s.version), array_agg(distinct o.owner) filter (where o.owner is not null) '
                'from ('
                'select t.xmin::text as version, array[%1$s] as owners from %%1$s as t where %2$s %%2$s) as s '
                'cross join lateral unnest(s.owners) as o (owner)'
        end,
        o.list,
        k.condition
    )
    from other_owners as o
    cross join (
        select string_agg(
            replace(
                format('t.%I %s ', c.name, unwind_internal.key_operator(render_look_up.root_table, c.name)), '%', '%%'
            )
            || format('%%%s$L::', c.n + 2)
            || replace(unwind_internal.column_type(render_look_up.root_table, c.name), '%', '%%'),
            ' and ' order by c.n
        ) as condition
        from unnest(render_look_up.key_columns) with ordinality as c (name, n)
    ) as k
$$;
