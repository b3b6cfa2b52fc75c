-- All keys of all steps from the ledger; of a custom step the runs alone. In key order, in which rows are then locked.
create or replace function unwind_internal.render_keys(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '    select
%s
    into
        %s
    from (
        select l.run_id, l.step, l.entity_key
        from unwind_internal.live_keys as l
        where l.run_id operator(pg_catalog.=) any(run_ids)
            and (only_steps is null or l.step operator(pg_catalog.=) any(only_steps))
        order by l.entity_key
    ) as s;',
        string_agg(
            format('        pg_catalog.array_agg(%s) filter (where s.step operator(pg_catalog.=) %L)', v.value, v.step),
            E',\n' order by v.ordinal, v.n
        ),
        unwind_internal.render_list(array_agg(v.variable order by v.ordinal, v.n), '        ')
    )
    from (
        select p.ordinal, p.step, c.n, c.value, unwind_internal.anchor_variable(p, c.n::int) as variable
        from unwind.plan_statements as p
        cross join unnest(unwind_internal.key_columns(p)) with ordinality as c (value, n)
        where p.workflow = render_keys.workflow and p.action = 'keys'
        union all
        select
            p.ordinal, p.step, 0,
            case p.action when 'call' then 'distinct s.run_id order by s.run_id' else 's.run_id' end,
            unwind_internal.variable(p, '_run')
        from unwind.plan_statements as p
        where p.workflow = render_keys.workflow and p.action in ('keys', 'call')
    ) as v
    having count(*) > 0
$$;
