-- A block per step, last step first; skipped where no run recorded the step.
create or replace function unwind_internal.render_steps(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select string_agg(
        case b.first_action
            when 'call' then unwind_internal.render_call(b.first_statement)
            else format(E'\n    if a%s_run is not null then\n%s\n    end if;', b.anchor, b.statements)
        end,
        E'\n' order by b.anchor
    )
    from (
        select
            min(p.ordinal) as anchor,
            (array_agg(p order by p.ordinal))[1] as first_statement,
            (array_agg(p.action order by p.ordinal))[1] as first_action,
            string_agg(unwind_internal.render_statement(p), E'\n' order by p.ordinal) as statements
        from unwind.plan_statements as p
        where p.workflow = render_steps.workflow
        group by p.step
    ) as b
$$;
