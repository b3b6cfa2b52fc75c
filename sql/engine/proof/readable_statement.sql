-- A plan statement as SQL that a person can read, and run.
create or replace function unwind_internal.readable_statement(statement unwind.plan_statements, ledger text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_anchor unwind.plan_statements := unwind_internal.anchor_of(statement);
    v_source text := format('(%s)', unwind_internal.render_ledger_keys(v_anchor, ledger));
    v_ctes text := '';
begin
    if statement.action = 'call' then
        return format('select * from %s(array(select distinct s.run_id from unwind.run_steps as s where %s and s.step = %L))',
            to_regprocedure(statement.sources)::regproc, ledger, statement.step);
    end if;
    if v_anchor.action = 'capture' then
        v_ctes := unwind_internal.render_anchors(statement.workflow, ledger);
        v_source := unwind_internal.anchor(v_anchor);
    end if;
    v_source := unwind_internal.render_sources(statement, v_source);
    return v_ctes || case statement.action
        when 'delete' then unwind_internal.render_delete_query(statement.target, v_source, statement.condition)
        else unwind_internal.render_set_null(statement, v_source)
    end;
end
$$;
