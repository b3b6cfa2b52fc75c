-- A heading and its lines; nothing where there are none. A line break in a name must not end a comment; in the literals
-- of statements script_literal has replaced it already.
create or replace function unwind_internal.suggest_section(heading text, lines text [])
returns setof text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select s.text
    from (values (1, ''), (2, '-- ' || suggest_section.heading)) as s (n, text)
    where lines <> '{}'
    union all
    select translate(l.text, E'\r\n', '  ') from unnest(lines) as l (text)
$$;
