-- Looks for rows that cascade links reach and another run owns, and refuses the whole call where there are some.
create or replace function unwind_internal.render_guard(statement unwind.plan_statements)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '        select format(''(%%s)=(%%s)'', array_to_string(o.key_columns, '', ''), array_to_string(o.entity_key, '', '')), o.run_id
        into v_sample, v_run
        from %1$s as t, %2$s
        where o.root_table = %3$L::regclass
            and o.key_columns = %4$L
            and o.entity_key = array[%5$s]
            and o.run_id = r.id
            and r.status <> ''COMPENSATED''
            and r.id <> all(run_ids)
            and %6$s
        limit 1;
        if found then
            perform unwind_internal.raise_owned_elsewhere(%3$L, v_sample, v_run);
        end if;',
        t.target,
        concat_ws(', ', k.sources, 'unwind.entity_owners as o', 'unwind.workflow_runs as r'),
        t.target::text,
        t.columns,
        (
            select string_agg(
                -- These print alike under all settings.
                case when c.type in ('text', 'character varying', 'smallint', 'integer', 'bigint', 'uuid')
                    then format('t.%I::text', c.name)
                    else format('unwind_internal.key_text(t.%I)', c.name)
                end, ', ' order by c.n
            )
            from unnest(t.columns, t.types) with ordinality as c (name, type, n)
        ),
        k.condition
    )
    from (select (render_guard.statement).*) as t
    cross join unwind_internal.any_key(render_guard.statement) as k
$$;
