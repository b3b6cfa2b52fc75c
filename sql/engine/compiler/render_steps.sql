-- A block per step, last step first; skipped where no run recorded the step. Where steps are planned as one stage, a
-- step can have several; a component, which steps can share, has its own. In the function for many, what has gone is
-- held against max_rows after each.
create or replace function unwind_internal.render_steps(workflow text, one boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with statements as (
        select
            p as statement, p.ordinal, p.step, p.component, p.action,
            first_value(p) over (partition by p.step order by p.action <> 'keys', p.ordinal) as keys,
            row_number() over (order by p.ordinal)
            - row_number() over (
                partition by coalesce(p.component::text, 'step ' || p.step) order by p.ordinal
            ) as island
        from unwind.plan_statements as p
        where p.workflow = render_steps.workflow
    )

    select string_agg(
        b.block || case when one then '' else E'
    if max_rows is not null then
        perform unwind_internal.assert_max_rows(max_rows, run_ids, v_tables, v_counts);
    end if;' end, E'\n' order by b.ordinal
    )
    from (
        select min(s.ordinal) as ordinal, case
                when s.component is not null
                    then unwind_internal.render_component(array_agg(s.statement order by s.ordinal))
                when min(s.action) = 'call' then unwind_internal.render_call((array_agg(s.statement))[1])
                else format(E'\n    if %s is not null then\n%s\n    end if;',
                    case when one then unwind_internal.anchor_variable((array_agg(s.keys))[1], 1)
                        else unwind_internal.variable((array_agg(s.keys))[1], '_run') end,
                    string_agg(unwind_internal.render_statement(s.statement, one), E'\n' order by s.ordinal))
            end as block
        from statements as s
        group by s.component, case when s.component is null then s.step end, s.island
    ) as b
$$;
