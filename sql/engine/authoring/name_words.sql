-- The words of a name in small letters, whether it separates them by underscores or by capitals.
create or replace function unwind_internal.name_words(name text)
returns text []
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select array_remove(
        string_to_array(
            lower(regexp_replace(name_words.name, '([[:lower:][:digit:]])([[:upper:]])', '\1_\2', 'g')), '_'
        ),
        ''
    )
$$;
