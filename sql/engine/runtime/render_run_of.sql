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
    return format('coalesce(null::text%s)', (
        select string_agg(', ' || o.owner, '' order by o.place)
        from (
            select 1 as place, unwind_internal.render_other_owner(
                render_run_of.target, array_agg(k.root_table order by k.root_table::text), k.key_columns, run_ids
            ) as owner
            from unwind_internal.key_sets(render_run_of.target) as k
            where unwind_internal.can_read(render_run_of.target, k.key_columns)
            group by k.key_columns
            union all
            select 2, format(
                -- The subselect is one level down, so its t is the child's.
                '(select %s from (select %s) as c cross join %s as t where %s)',
                unwind_internal.render_run_of(f.parent_table, run_ids, seen || render_run_of.target),
                c.list, f.parent_table, c.condition
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
        ) as o
    ));
end
$$;
