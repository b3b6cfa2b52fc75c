-- A condition on t, where the plan statement deletes from a table that refers to itself: nothing hangs below the row.
create or replace function unwind_internal.render_leaf(statement unwind.plan_statements, row_by_row boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case (render_leaf.statement).action
        when 'delete' then unwind_internal.render_childless((render_leaf.statement).target, false, row_by_row)
        else ''
    end
$$;
