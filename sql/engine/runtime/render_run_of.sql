-- An SQL expression: the run, none of run_ids, that owns the row t of the target or what it hangs below by cascade
-- links, as far up as the caller can read; null where none does.
create or replace function unwind_internal.render_run_of(
    target regclass, run_ids text, seen regclass [] default '{}'
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return format('coalesce(null::text%s%s)', (
        select string_agg(
            ', ' || unwind_internal.render_other_owner(
                render_run_of.target, k.root_tables, k.key_columns, run_ids
            ), '' order by k.key_columns
        )
        from (
            select s.key_columns, array_agg(s.root_table order by s.root_table::text) as root_tables
            from unwind_internal.key_sets(render_run_of.target) as s
            where unwind_internal.can_read(render_run_of.target, s.key_columns)
            group by s.key_columns
        ) as k
    ), (
        select string_agg(
            format(
                -- The subselect is one level down, so its t is the child's.
                ', (select %s from (select %s) as c cross join %s as t where %s)',
                unwind_internal.render_run_of(f.parent_table, run_ids, seen || render_run_of.target),
                c.list, f.parent_table, c.condition
            ), '' order by f.parent_table::text, f.child_columns
        )
        from unwind_internal.foreign_keys as f
        cross join lateral (
            select
                string_agg(format('t.%I as c%s', u.child, u.n), ', ') as list,
                string_agg(
                    format('c.c%s %s t.%I', u.n, unwind_internal.link_operator(
                        f.child_table, u.child, f.parent_table, u.parent
                    ), u.parent), ' and '
                ) as condition
            from unnest(f.child_columns, f.parent_columns) with ordinality as u (child, parent, n)
        ) as c
        where f.child_table = render_run_of.target and f.on_delete = 'cascade'
            and f.parent_table <> all(seen || render_run_of.target)
            and unwind_internal.can_read(f.child_table, f.child_columns)
            and has_table_privilege(f.parent_table, 'SELECT')
            and not unwind_internal.hides_rows(f.parent_table, current_user)
    ));
end
$$;
