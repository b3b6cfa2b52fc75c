-- A plan statement as PL/pgSQL, in the function for one run or in that for many.
create or replace function unwind_internal.render_statement(statement unwind.plan_statements, one boolean)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return unwind_internal.render_elsewhere(statement, case
        when statement.action in ('delete', 'set null') and unwind_internal.is_kept_elsewhere(statement.target)
            then unwind_internal.render_far(statement)
        else case statement.action
            when 'capture' then unwind_internal.render_capture(statement, one)
            when 'lock' then unwind_internal.render_lock(statement, one)
            when 'refuse' then unwind_internal.render_refusal(statement, one)
            when 'guard' then unwind_internal.render_guard(statement, one)
            when 'recheck' then unwind_internal.render_recheck(statement, one)
            when 'delete' then unwind_internal.render_delete(statement, one)
            when 'set null' then unwind_internal.render_set_null(statement, one)
        end
    end);
end
$$;
