-- The way by which a plan statement finds its rows.
create or replace function unwind_internal.way_of(statement unwind.plan_statements)
returns unwind_internal.plan_ways
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_way unwind_internal.plan_ways;
begin
    v_way.workflow := statement.workflow;
    v_way.step := statement.step;
    v_way.target := statement.target;
    v_way.columns := statement.way_columns;
    v_way.anchor := statement.anchor;
    v_way.anchor_columns := statement.anchor_columns;
    v_way.parent_way := statement.parent_way;
    v_way.parent_columns := statement.parent_columns;
    return v_way;
end
$$;
