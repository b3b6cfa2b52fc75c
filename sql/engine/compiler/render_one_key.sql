-- The one key that each step of a run has recorded, from the ledger, into scalars; a run that has recorded more goes
-- with the function for many. Read into arrays first, for an aggregate for each step takes longer to set up than it
-- takes to look into an array.
create or replace function unwind_internal.render_one_key(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '    select pg_catalog.array_agg(s.step), %s
    into v_steps, %s
    from unwind_internal.live_keys as s
    where s.run_id operator(pg_catalog.=) run_id;
%s
    if pg_catalog.cardinality(v_steps) operator(pg_catalog.>) pg_catalog.num_nonnulls(
        %s
    ) then
        return null;
    end if;',
        string_agg(format('pg_catalog.array_agg(s.entity_key[%s])', k.n), ', ' order by k.n) filter (where p.place = 1),
        string_agg('v_keys_' || k.n, ', ' order by k.n) filter (where p.place = 1),
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
        select s as keys, s.ordinal, s.step, row_number() over (partition by s.step order by s.ordinal) as root,
            row_number() over (order by cardinality(s.types) desc, s.ordinal) as place
        from unwind.plan_statements as s
        where s.workflow = render_one_key.workflow and s.action = 'keys'
    ) as p
    cross join unnest(unwind_internal.key_columns(p.keys, format(
        'v_keys_%%s[pg_catalog.array_position(v_steps, %s)]',
        replace(quote_literal(p.step), '%', '%%')
    ))) with ordinality as k (value, n)
$$;
