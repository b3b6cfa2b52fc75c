-- A plan statement as PL/pgSQL, in the function for one run or in that for many.
create or replace function unwind_internal.render_statement(statement unwind.plan_statements, one boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(unwind_internal.render_elsewhere(render_statement.statement, r.rendered), r.rendered)
    from (
        select case
            when t.action in ('delete', 'set null') and unwind_internal.is_kept_elsewhere(t.target)
                then unwind_internal.render_far(render_statement.statement)
            else case t.action
                when 'capture' then unwind_internal.render_capture(render_statement.statement, one)
                when 'lock' then unwind_internal.render_lock(render_statement.statement, one)
                when 'refuse' then unwind_internal.render_refusal(render_statement.statement, one)
                when 'guard' then unwind_internal.render_guard(render_statement.statement, one)
                when 'recheck' then unwind_internal.render_recheck(render_statement.statement, one)
                when 'delete' then unwind_internal.render_delete(render_statement.statement, one)
                when 'set null' then unwind_internal.render_set_null(render_statement.statement, one)
            end
        end as rendered
        from (select (render_statement.statement).*) as t
    ) as r
$$;
