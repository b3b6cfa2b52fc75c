-- A value where the image's shape has that column, another where the column came later.
create or replace function unwind_internal.render_known(shape text, added smallint, value text, unknown text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when added = 1 then value
        else format('case when %s operator(pg_catalog.>=) %s then %s%s end', shape, added, value,
            case when unknown <> 'null' then ' else ' || unknown else '' end)
    end
$$;
