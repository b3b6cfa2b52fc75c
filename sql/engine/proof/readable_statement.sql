-- A plan statement as SQL that a person can read, and run.
create or replace function unwind_internal.readable_statement(statement unwind.plan_statements, ledger text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_anchor unwind.plan_statements;
    v_ctes text := '';
    v_held_by text;
    v_sources text;
    v_condition text;
begin
    if statement.action = 'call' then
        return format('select * from %s('
            'array(select distinct s.run_id from unwind.run_steps as s where %s and s.step = %L))',
            to_regprocedure(statement.sources)::regproc, ledger, statement.step);
    end if;
    v_anchor := unwind_internal.anchor_of(statement);
    if v_anchor.action = 'capture' then
        v_ctes := unwind_internal.render_anchors(statement.workflow, ledger);
        v_held_by := unwind_internal.variable(v_anchor);
    else
        v_held_by := format('(%s)', unwind_internal.render_ledger_keys(v_anchor, ledger));
    end if;
    select r.sources, r.condition into v_sources, v_condition
    from unwind_internal.rows_of(statement, 'joined', v_held_by) as r;
    return v_ctes || case statement.action
        when 'delete' then unwind_internal.render_delete_query(statement.target, v_sources, v_condition)
        when 'set null' then unwind_internal.render_clearing(statement, v_sources, v_condition)
        else unwind_internal.render_select('t.*', statement.target, v_sources, v_condition)
    end;
end
$$;
