-- Of each table of a step, whether its rows can refer to others of it that a different statement would delete: it
-- refers to itself, and its rows are reached in more ways than from above and from themselves.
create or replace function unwind_internal.rows_go_together(workflow text, steps text [], tables regclass [])
returns boolean []
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return array(
        with nodes as materialized (
            select n.* from unnest(steps, tables) with ordinality as n (step, name, node)
        )

        select coalesce(
            bool_or(f.parent_table = n.name)
            and count(*) filter (where f.on_delete = 'cascade' and p.node is not null) + (
                select count(*) from unwind.step_roots as r
                where r.workflow = rows_go_together.workflow and r.step = n.step and r.root_table = n.name
            ) > case
                when bool_and(f.on_delete = 'cascade') filter (where f.parent_table = n.name) then 2 else 1
            end, false
        )
        from nodes as n
        left join unwind_internal.plan_links as f
            on f.workflow = rows_go_together.workflow
            and f.child_table = n.name
            and f.on_delete in ('cascade', 'restrict')
        left join nodes as p on p.step = n.step and p.name = f.parent_table
        group by n.node, n.step, n.name
        order by n.node
    );
end
$$;
