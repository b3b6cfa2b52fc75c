-- A literal on one line, fit for a statement that stands in a comment: a line break in a name must not end it.
create or replace function unwind_internal.script_literal(value text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when script_literal.value !~ '[\n\r]' then ltrim(quote_literal(script_literal.value))
        else 'E''' || replace(replace(replace(replace(
            script_literal.value, '\', '\\'), '''', ''''''), E'\n', '\n'), E'\r', '\r') || ''''
    end
$$;
