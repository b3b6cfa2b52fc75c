-- An action as declare_foreign_key takes it, with the columns that it clears where those are not all of the link's.
create or replace function unwind_internal.render_on_delete(on_delete text, set_columns text [], child_columns text [])
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select render_on_delete.on_delete || case
        when render_on_delete.on_delete = 'set null' and not set_columns @> child_columns then (
            select format(' (%s)', string_agg(quote_ident(c.name), ', ' order by c.n))
            from unnest(set_columns) with ordinality as c (name, n)
        )
        else ''
    end
$$;
