-- What render_far sends, once, with values that are not known when it is planned, for EXPLAIN.
create or replace function unwind_internal.render_far_probe(statement unwind.plan_statements)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case (render_far_probe.statement).action
        when 'delete'
            then unwind_internal.render_delete_query((render_far_probe.statement).target, null, r.condition)
        else unwind_internal.render_clearing(render_far_probe.statement, null, r.condition)
    end
    from unwind_internal.anchor_of(render_far_probe.statement) as a
    cross join unwind_internal.rows_of(render_far_probe.statement, 'probe of ' || unwind_internal.far_form(a)) as r
$$;
