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
    v_types text [] := '{}';
    v_full_types text [] := '{}';
begin
    for n in 1..cardinality(columns) loop
        v_types[n] := unwind_internal.column_type(target, columns[n]);
        v_full_types[n] := unwind_internal.full_type(target, columns[n]);
    end loop;
    insert into unwind.plan_statements (
        workflow, ordinal, step, action, target, anchor, way_columns, anchor_columns, parent_way, parent_columns,
        columns, component, sources, types, full_types, look_up
    )
    values (
        add_statement.workflow, v_ordinal, step, action, target, coalesce(anchor, way.anchor), way.columns,
        way.anchor_columns, way.parent_way, way.parent_columns, add_statement.columns, component, compensation,
        v_types, v_full_types,
        case when action = 'keys' then unwind_internal.render_look_up(target, add_statement.columns) end
    );
    return v_ordinal;
end
$$;
