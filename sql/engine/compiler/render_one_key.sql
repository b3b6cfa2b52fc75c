-- The one key that each step of a run has recorded, from the ledger, into scalars; a run that has recorded more goes
-- with the function for many.
create or replace function unwind_internal.render_one_key(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '    select
        pg_catalog.count(*),
        %s
    into v_keys, %s
    from unwind_internal.live_keys as s
    where s.run_id operator(pg_catalog.=) run_id;
    if v_keys operator(pg_catalog.>) pg_catalog.num_nonnulls(%s) then
        return null;
    end if;',
        string_agg(k.value, E',\n        ' order by p.ordinal, k.n),
        unwind_internal.render_list(
            array_agg(unwind_internal.anchor_variable(p.keys, k.n::int) order by p.ordinal, k.n), '        '
        ),
        unwind_internal.render_list(
            array_agg(unwind_internal.anchor_variable(p.keys, 1) order by p.ordinal)
            filter (where k.n = 1 and p.root = 1),
            '        '
        )
    )
    from (
        select s as keys, s.ordinal, s.step, row_number() over (partition by s.step order by s.ordinal) as root
        from unwind.plan_statements as s
        where s.workflow = render_one_key.workflow and s.action = 'keys'
    ) as p
    cross join unnest(unwind_internal.key_columns(p.keys, format(
        'pg_catalog.min(s.entity_key[%%s]) filter (where s.step operator(pg_catalog.=) %s)',
        replace(quote_literal(p.step), '%', '%%')
    ))) with ordinality as k (value, n)
$$;
