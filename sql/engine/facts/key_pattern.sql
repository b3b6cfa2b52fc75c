-- A pattern of which every match is a value of a plain type, written as PostgreSQL writes it; null for other types.
create or replace function unwind_internal.key_pattern(full_type text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when full_type in ('text', 'character varying') then ''
        -- A bound of a pattern is 255 at most.
        when full_type ~ '^character varying\(\d+\)$'
            then format('^.{0,%s}$', least(substring(full_type from '\d+')::int, 255))
        when full_type = 'smallint' then '^(0|-?[1-9]\d{0,3})$'
        when full_type = 'integer' then '^(0|-?[1-9]\d{0,8})$'
        when full_type = 'bigint' then '^(0|-?[1-9]\d{0,17})$'
        when full_type = 'uuid' then '^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$'
    end
$$;
