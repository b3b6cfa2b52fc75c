-- A plan statement as PL/pgSQL, in the function for one run or in that for many.
create or replace function unwind_internal.render_statement(statement unwind.plan_statements, one boolean)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_is_elsewhere constant boolean := unwind_internal.is_kept_elsewhere(statement.target);
    v_rendered constant text := case
        when v_is_elsewhere and statement.action in ('delete', 'set null')
            then unwind_internal.render_far(statement)
        when statement.action = 'capture' then unwind_internal.render_capture(statement, one)
        when statement.action = 'lock' then unwind_internal.render_lock(statement, one)
        when statement.action = 'refuse' then unwind_internal.render_refusal(statement, one)
        when statement.action = 'guard' then unwind_internal.render_guard(statement, one)
        when statement.action = 'recheck' then unwind_internal.render_recheck(statement, one)
        when statement.action = 'delete' then unwind_internal.render_delete(statement, one)
        when statement.action = 'set null' then unwind_internal.render_set_null(statement, one)
    end;
begin
    if v_is_elsewhere or statement.target is null then -- or those of a capture of several tables may be
        return unwind_internal.render_elsewhere(statement, v_rendered);
    end if;
    return v_rendered;
end
$$;
