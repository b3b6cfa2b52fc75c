-- The variables of one plan statement; null where it needs none.
create or replace function unwind_internal.render_declaration(statement unwind.plan_statements)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when t.action in ('keys', 'capture', 'call')
            then concat_ws(E'\n',
                format('    a%s_run pg_catalog.text[]; -- %s', t.ordinal, unwind_internal.one_line(
                    concat_ws(' ', t.action, 'of step', t.step || ':',
                        case t.action when 'call' then t.sources else coalesce(t.target::text, 'tables in a cycle') end
                    )
                )),
                (
                    select string_agg(
                        format('    a%s_c%s %s[];', t.ordinal, c.n, unwind_internal.qualified_type(unwind_internal.carried_type(c.type))), E'\n' order by c.n
                    )
                    from unnest(t.types) with ordinality as c (type, n)
                )
            )
        when t.action = 'delete'
            then format('    n%s bigint; -- %s', t.ordinal, unwind_internal.one_line(t.target::text))
    end
    from (select (render_declaration.statement).*) as t
$$;
