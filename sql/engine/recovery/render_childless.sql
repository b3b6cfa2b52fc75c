-- A condition on t: no row refers to it by one of the target's own cascade or restrict links, or, by_itself, by a
-- real foreign key through which PostgreSQL would delete or clear what belongs on a receipt; or by any link at all
-- where triggers may have written or kept what refers to it (looks_again). That is asked of a batch: offset keeps it a
-- look per row, for as a join it leads the planner to begin with all rows of t.
create or replace function unwind_internal.render_childless(
    target regclass, by_itself boolean, looks_again boolean default false
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(string_agg(
        format(
            ' and not exists (select from %s as c where (%s) = (%s) and (c.tableoid, c.ctid) <> (t.tableoid, t.ctid)%s)',
            f.child_table,
            (select string_agg(format('c.%I', n.name), ', ' order by n.place)
                from unnest(f.child_columns) with ordinality as n (name, place)),
            (select string_agg(format('t.%I', n.name), ', ' order by n.place)
                from unnest(f.parent_columns) with ordinality as n (name, place)),
            case when render_childless.by_itself then ' offset 0' else '' end
        ), '' order by f.child_table::text, f.child_columns
    ), '')
    from unwind_internal.foreign_keys as f
    where f.parent_table = render_childless.target
        and (
            f.on_delete in ('cascade', 'restrict')
            or (f.on_delete = 'set null' and render_childless.by_itself and render_childless.looks_again)
        )
        and case
            when render_childless.by_itself then render_childless.looks_again or exists (
                select from pg_constraint as c
                where c.conrelid = f.child_table and c.conname = f.constraint_name and c.confdeltype in ('c', 'n', 'd')
            )
            else f.child_table = f.parent_table
        end
$$;
