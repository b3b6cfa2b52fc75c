-- A plan statement as PL/pgSQL.
create or replace function unwind_internal.render_statement(statement unwind.plan_statements)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when (render_statement.statement).action in ('delete', 'set null')
            and unwind_internal.is_foreign((render_statement.statement).target)
            then unwind_internal.render_far(render_statement.statement)
        else case (render_statement.statement).action
            when 'capture' then unwind_internal.render_capture(render_statement.statement)
            when 'lock' then unwind_internal.render_lock(render_statement.statement)
            when 'refuse' then unwind_internal.render_refusal(render_statement.statement)
            when 'guard' then unwind_internal.render_guard(render_statement.statement)
            when 'recheck' then unwind_internal.render_recheck(render_statement.statement)
            when 'delete' then unwind_internal.render_delete(render_statement.statement)
            when 'set null' then format('        %s;', unwind_internal.render_set_null(
                render_statement.statement,
                unwind_internal.render_sources(
                    render_statement.statement,
                    unwind_internal.anchor_arrays(unwind_internal.anchor_of(render_statement.statement))
                ),
                E'\n        '
            ) || unwind_internal.render_as_compiled(render_statement.statement))
        end
    end
$$;
