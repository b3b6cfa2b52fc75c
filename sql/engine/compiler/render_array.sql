-- An array of texts as a literal that is read by people (render_list).
create or replace function unwind_internal.render_array(items text [], indent text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select format('%L', '{' || unwind_internal.render_list(
        array(
            select substr(array[u.item]::text, 2, length(array[u.item]::text) - 2)
            from unnest(items) with ordinality as u (item, n)
            order by u.n
        ), indent || ' '
    ) || '}')
$$;
