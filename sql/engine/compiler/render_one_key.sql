-- The one key that each step of a run has recorded, into scalars; a run that has recorded more goes with the function
-- for many.
create or replace function unwind_internal.render_one_key(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '%s
    if pg_catalog.cardinality(held.steps) operator(pg_catalog.>) pg_catalog.num_nonnulls(
        %s
    ) then
        return null;
    end if;',
        string_agg(
            format('    %s := %s;', unwind_internal.anchor_variable(p.keys, k.n::int), k.value),
            E'\n' order by p.ordinal, k.n
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
        '(held.keys[pg_catalog.array_position(held.steps, %s)]).entity_key[%%s]',
        replace(quote_literal(p.step), '%', '%%')
    ))) with ordinality as k (value, n)
$$;
