-- Whether rows of a table can refer to others that a different statement of the same step would delete: it refers to
-- itself, and its rows are reached in more ways than from above and from themselves. They go in one statement.
create or replace function unwind_internal.is_entangled(workflow text, step text, target regclass)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select count(*) > 0 and count(*) filter (where f.on_delete = 'cascade') + (
        select count(*)
        from unwind_internal.plan_ways as w
        where w.workflow = is_entangled.workflow and w.step = is_entangled.step and w.target = is_entangled.target
            and not exists (
                select from unwind.plan_statements as p
                where p.workflow = w.workflow and p.ordinal = w.anchor and p.action = 'capture' and p.target = w.target
            )
    ) > case when bool_and(f.on_delete = 'cascade') then 2 else 1 end
    from unwind_internal.plan_links as f
    where f.workflow = is_entangled.workflow
        and f.child_table = is_entangled.target
        and f.parent_table = f.child_table
        and f.on_delete in ('cascade', 'restrict')
$$;
