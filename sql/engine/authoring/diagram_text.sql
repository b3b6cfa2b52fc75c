-- Text inside the double quotes of a diagram: entities for what would end them, no line breaks.
create or replace function unwind_internal.diagram_text(value text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select replace(
        replace(replace(unwind_internal.one_line(diagram_text.value), '&', '&amp;'), '"', '&quot;'), '\', '&#92;'
    )
$$;
