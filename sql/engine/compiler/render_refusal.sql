-- Looks for rows that would be left dangling, and refuses the whole call where there are some: counted only then.
create or replace function unwind_internal.render_refusal(statement unwind.plan_statements, one boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '        if exists (
            %s
        ) then
            %s;
        end if;',
        unwind_internal.render_select('1', t.target, k.sources, k.condition, E'\n            '),
        unwind_internal.render_select(
            c.refuse, t.target, null,
            -- Joined, a row could be counted more than once.
            coalesce('exists (select from ' || k.sources || ' where ' || k.condition || ')', k.condition),
            E'\n            ', 'perform'
        )
    )
    from (select (render_refusal.statement).*) as t
    cross join unwind_internal.compiled_rows(render_refusal.statement, one) as k
    cross join lateral (
        select format('unwind_internal.raise_dependents(%L, %L,
                pg_catalog.count(*), pg_catalog.min(pg_catalog.concat_ws('', '', %s)), %s)',
            t.target, array_to_string(t.columns, ', '), string_agg(format('t.%I', n.name), ', ' order by n.n),
            case when one then 'array[run_id]' else 'run_ids' end) as refuse
        from unnest(t.columns) with ordinality as n (name, n)
    ) as c
$$;
