-- A link between these tables, or who may own their rows, has changed: compiles (later) every workflow that deletes or
-- clears rows of them. Of the child too, for whether several links lead to it says when its rows are locked.
-- The plans that this reads are those of before only where they are to be made anew anyhow.
create or replace function unwind_internal.compile_workflows_of(changed_tables regclass [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.compile_later(w.workflow)
    from (
        select distinct p.workflow
        from unwind.plan_statements as p
        where p.action in ('delete', 'set null')
            and p.target in (
                select unwind_internal.kin(t.name) from unnest(compile_workflows_of.changed_tables) as t (name)
            )
    ) as w;
end
$$;
