-- How many rows a plan statement would touch, over the anchors as CTEs (render_anchors), that no earlier one of the
-- same kind would; null for a custom step.
create or replace function unwind_internal.count_rows(statement unwind.plan_statements, anchors text)
returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set row_security = off
set jit = off
as $$
declare
    v_rows bigint;
begin
    if statement.action = 'call' then
        return null;
    end if;
    execute anchors
        || 'select count(*) from ' || unwind_internal.render_rows(statement, statement.action)
    into v_rows;
    return v_rows;
end
$$;
