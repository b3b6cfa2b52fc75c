-- The variables of one plan statement; null where it needs none. Of an anchor the carried columns, and whose each
-- element is; in the function for one run a scalar for each column of a key.
create or replace function unwind_internal.render_declaration(statement unwind.plan_statements, one boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when t.action in ('keys', 'capture', 'call')
            then concat_ws(E'\n',
                case when not one or t.action = 'capture'
                    then format(
                        '    %s pg_catalog.text[];', unwind_internal.variable(render_declaration.statement, '_run')
                    ) end,
                (
                    select string_agg(format('    %s %s%s;',
                        unwind_internal.anchor_variable(render_declaration.statement, c.n::int),
                        unwind_internal.qualified_type(unwind_internal.carried_type(c.type)),
                        case when not one or t.action = 'capture' then '[]' else '' end), E'\n' order by c.n)
                    from unnest(t.types) with ordinality as c (type, n)
                )
            )
    end
    from (select (render_declaration.statement).*) as t
$$;
