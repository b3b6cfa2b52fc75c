-- The key of a row as entity_owners has it.
create or replace function unwind_internal.render_identities(root unwind.plan_statements, alias text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format('array[%s]', string_agg(
        unwind_internal.render_identity((root).target, c.name, format('%s.%I', alias, c.name)), ', ' order by c.n
    ))
    from unnest((root).columns) with ordinality as c (name, n)
$$;
