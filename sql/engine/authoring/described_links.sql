-- The links among a workflow's tables, and into them.
create or replace function unwind_internal.described_links(workflow text)
returns table (child text, parent text, columns text, on_delete text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        f.child_table::text,
        f.parent_table::text,
        array_to_string(f.child_columns, ', '),
        case f.on_delete
            when 'left alone' then 'PostgreSQL''s own'
            else unwind_internal.render_on_delete(f.on_delete, f.set_columns, f.child_columns)
        end
    from unwind_internal.foreign_keys as f
    where f.parent_table in (
        select w.target from unwind_internal.plan_ways as w where w.workflow = described_links.workflow
    )
    order by f.parent_table::text, f.child_table::text, f.child_columns
$$;
