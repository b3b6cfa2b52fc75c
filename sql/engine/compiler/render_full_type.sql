-- A type of PostgreSQL's own with its length, as SQL has to write it that runs with the caller's search_path.
create or replace function unwind_internal.render_full_type(full_type text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select unwind_internal.qualified_type(t.parts[1]) || coalesce(t.parts[2], '')
    from regexp_match(full_type, '^(.*?)(\(.*\))?$') as t (parts)
$$;
