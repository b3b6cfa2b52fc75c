-- The way by which a plan statement finds its rows.
create or replace function unwind_internal.way_of(statement unwind.plan_statements)
returns unwind_internal.plan_ways
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return row(
        (statement).workflow, (statement).step, null, (statement).target, (statement).way_columns,
        case when (statement).parent_way is null then (statement).anchor end,
        (statement).anchor_columns, (statement).parent_way, (statement).parent_columns
    )::unwind_internal.plan_ways;
end
$$;
