-- Appends a statement to the plan; gives its ordinal. The way says which rows of the target are meant: all that matters
-- of it here is where it starts and what is compared.
create or replace function unwind_internal.add_statement(
    workflow text,
    step text,
    action text,
    target regclass default null,
    way unwind_internal.plan_ways default null,
    columns text [] default '{}',
    component int default null,
    anchor int default null,
    compensation text default null
)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ordinal constant int := unwind_internal.next_number('statement');
begin
    insert into unwind.plan_statements (
        workflow, ordinal, step, action, target, anchor, way_columns, anchor_columns, parent_way, parent_columns,
        columns, component, sources, types, full_types, look_up
    )
    select
        add_statement.workflow,
        v_ordinal,
        add_statement.step,
        add_statement.action,
        add_statement.target,
        coalesce(add_statement.anchor, unwind_internal.way_anchor(add_statement.way)),
        (add_statement.way).columns,
        (add_statement.way).anchor_columns,
        (add_statement.way).parent_way,
        (add_statement.way).parent_columns,
        add_statement.columns,
        add_statement.component,
        add_statement.compensation,
        array(
            select unwind_internal.column_type(add_statement.target, c.name)
            from unnest(add_statement.columns) with ordinality as c (name, n)
            order by c.n
        ),
        array(
            select unwind_internal.full_type(add_statement.target, c.name)
            from unnest(add_statement.columns) with ordinality as c (name, n)
            order by c.n
        ),
        case
            when add_statement.action = 'keys'
                then unwind_internal.render_look_up(add_statement.target, add_statement.columns)
        end;
    return v_ordinal;
end
$$;
