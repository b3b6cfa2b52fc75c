-- The tables that a step reaches from its roots through cascade links, children before parents
-- (Kahn's algorithm; within a level by name, so that the same definitions give the same plan).
-- Errors: UW009 for a cycle of more than one table.
create or replace function unwind_internal.deletion_order(workflow text, step text)
returns regclass []
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_left regclass [] := unwind_internal.reached_tables(workflow, step);
    v_children regclass [];
    v_parents regclass [];
    v_free regclass [];
    v_order regclass [] := '{}'::regclass [];
begin
    select array_agg(f.child_table), array_agg(f.parent_table) into v_children, v_parents
    from unwind_internal.foreign_keys as f
    where f.child_table = any(v_left)
        and f.parent_table = any(v_left)
        and f.child_table <> f.parent_table
        and f.on_delete in ('cascade', 'restrict');
    while cardinality(v_left) > 0 loop
        select array_agg(t.name order by t.name::text) into v_free
        from unnest(v_left) as t (name)
        where not exists (
            select from unnest(v_children, v_parents) as f (child, parent)
            where f.parent = t.name and f.child = any(v_left)
        );
        if v_free is null then
            perform unwind_internal.raise_cycle(workflow, step, v_left, v_children, v_parents);
        end if;
        v_order := v_order || v_free;
        v_left := array(select t.name from unnest(v_left) as t (name) where t.name <> all(v_free));
    end loop;
    return v_order;
end
$$;
