-- What render_far sends, once, with values that are not known when it is planned, for EXPLAIN.
create or replace function unwind_internal.render_far_probe(statement unwind.plan_statements)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_types text [] := (unwind_internal.anchor_of(statement)).types;
    v_narrow boolean;
    v_condition text;
begin
    select f.is_narrow, f.condition into v_narrow, v_condition from unwind_internal.far_condition(statement) as f;
    for i in 1..cardinality(v_types) loop
        v_condition := regexp_replace(
            v_condition, format('\mk\.c%s\M', i),
            format('(select null::%s)::%1$s', v_types[i] || case when v_narrow then '[]' else '' end), 'g'
        );
    end loop;
    return case statement.action
        when 'delete' then unwind_internal.render_delete_query(statement.target, null, v_condition)
        else unwind_internal.render_clearing(statement, null, v_condition)
    end;
end
$$;
