-- A block per step, last step first; skipped where no run recorded the step. Where steps are planned as one stage, a
-- step can have several; a component, which steps can share, has its own. After each, what has gone is held against
-- max_rows.
create or replace function unwind_internal.render_steps(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with statements as (
        select
            p as statement, p.ordinal, p.step, p.component, p.action,
            min(p.ordinal) filter (where p.action = 'keys') over (partition by p.step) as keys,
            row_number() over (order by p.ordinal)
            - row_number() over (partition by coalesce(p.component::text, 'step ' || p.step) order by p.ordinal) as island
        from unwind.plan_statements as p
        where p.workflow = render_steps.workflow
    )

    select string_agg(
        b.block || E'
    if max_rows is not null then
        perform unwind_internal.assert_max_rows(max_rows, run_ids, v_tables, v_counts);
    end if;', E'\n' order by b.ordinal
    )
    from (
        select min(s.ordinal) as ordinal, case
                when s.component is not null
                    then unwind_internal.render_component(array_agg(s.statement order by s.ordinal))
                when min(s.action) = 'call' then unwind_internal.render_call((array_agg(s.statement))[1])
                else format(E'\n    if a%s_run is not null then\n%s\n    end if;', min(s.keys),
                    string_agg(unwind_internal.render_statement(s.statement), E'\n' order by s.ordinal))
            end as block
        from statements as s
        group by s.component, case when s.component is null then s.step end, s.island
    ) as b
$$;
