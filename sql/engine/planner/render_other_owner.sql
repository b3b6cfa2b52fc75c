-- An SQL expression: the run, not COMPENSATED and not one of run_ids, that owns the row t of the target by these key
-- sets; null where none does. Null also where no key set is given.
create or replace function unwind_internal.render_other_owner(
    target regclass, root_tables regclass [], key_columns text [], run_ids text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select 'coalesce(' || string_agg(
        format('unwind_internal.other_owner(%L::pg_catalog.regclass, %L::pg_catalog.text[], array[%s], %s)',
            r.name::text, render_other_owner.key_columns, (
                select string_agg(
                    unwind_internal.render_identity(
                        render_other_owner.target, c.name, format('t.%I', c.name)
                    ), ', ' order by c.n
                )
                from unnest(render_other_owner.key_columns) with ordinality as c (name, n)
            ), render_other_owner.run_ids
        ), ', ' order by r.name::text
    ) || ')'
    from unnest(render_other_owner.root_tables) as r (name)
$$;
