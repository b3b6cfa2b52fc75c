-- These columns of the row t, as a list.
create or replace function unwind_internal.render_columns(columns text [])
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select string_agg(format('t.%I', c.name), ', ' order by c.n)
        from unnest(columns) with ordinality as c (name, n)
    );
end
$$;
