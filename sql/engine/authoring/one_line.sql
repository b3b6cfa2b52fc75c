-- Text fit for a comment in generated SQL: a line break in a name must not end the comment.
create or replace function unwind_internal.one_line(value text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select regexp_replace(one_line.value, '[\r\n\v\f\u0085\u2028\u2029]', ' ', 'g')
$$;
