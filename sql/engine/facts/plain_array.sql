-- The elements of an array in their order, counted from one in one dimension, as all code here counts them; null for
-- null.
create or replace function unwind_internal.plain_array(elements text [])
returns text []
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when elements is not null
            then array(select e.value from unnest(elements) with ordinality as e (value, place) order by e.place)
    end
$$;
