-- The columns of a joint capture: after the first, which says of which table a row is, the referenced columns of
-- each table in turn.
create or replace function unwind_internal.joint_columns(workflow text, tables regclass [])
returns table (target regclass, place int, name text, type text, n int)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        c.target, c.place::int, c.name, unwind_internal.column_type(c.target, c.name),
        1 + (row_number() over (order by c.place, c.name))::int
    from (
        select distinct t.target, t.place, p.name
        from unnest(tables) with ordinality as t (target, place)
        inner join unwind_internal.plan_links as f
            on f.workflow = joint_columns.workflow and f.parent_table = t.target and f.on_delete <> 'left alone'
        cross join unnest(f.parent_columns) as p (name)
    ) as c
$$;
