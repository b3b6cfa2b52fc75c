-- A condition on t: no other row refers to it by one of the target's own cascade or restrict links, or, by_itself, by
-- a real foreign key through which PostgreSQL would delete or clear what belongs on a receipt; or by any link at all
-- where triggers may have written or kept what refers to it (looks_again). Of a batch it is asked row_by_row, which
-- offset does, for as a join it leads the planner to begin with all rows of t.
create or replace function unwind_internal.render_childless(
    target regclass, by_itself boolean, row_by_row boolean, looks_again boolean default false
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not unwind_internal.is_referred(target) then
        return '';
    end if;
    return (
        select coalesce(string_agg(
            format(
                ' and not exists (select from %s as c where %s%s%s)',
                f.child_table, n.refers,
                -- A row that refers to itself is no other.
                case when f.child_table = f.parent_table then format(' and (%s) is not true', n.is_same) end,
                case when render_childless.row_by_row then ' offset 0' end
            ), '' order by f.child_table::text, f.child_columns
        ), '')
        from unwind_internal.foreign_keys as f
        cross join lateral (
            select
                string_agg(format('c.%I %s t.%I', u.child,
                    unwind_internal.link_operator(f.child_table, u.child, f.parent_table, u.parent), u.parent),
                    ' and ' order by u.place) as refers,
                string_agg(format('c.%I %s t.%1$I', u.parent, unwind_internal.key_operator(f.parent_table, u.parent)),
                    ' and ' order by u.place) as is_same
            from unnest(f.child_columns, f.parent_columns) with ordinality as u (child, parent, place)
        ) as n
        where f.parent_table = render_childless.target
            and (
                f.on_delete in ('cascade', 'restrict')
                or (f.on_delete = 'set null' and render_childless.by_itself and render_childless.looks_again)
            )
            and case
                when render_childless.by_itself then render_childless.looks_again or exists (
                    select from pg_constraint as c
                    where c.contype = 'f' and c.confrelid = f.parent_table and c.confdeltype in ('c', 'n', 'd')
                        and c.conrelid in (
                            select f.child_table
                            union all
                            select p.relid from pg_partition_tree(f.child_table) as p
                        )
                )
                else f.child_table = f.parent_table
            end
    );
end
$$;
