-- Whether every text that is a value of one key type is the same value of another: then nothing recorded changes.
create or replace function unwind_internal.is_wider(key_type text, former_type text)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when is_wider.key_type = is_wider.former_type then true
        when is_wider.key_type in ('text', 'character varying')
            then is_wider.former_type ~ '^(text|character varying(\(\d+\))?)$'
        when is_wider.key_type = 'bigint' then is_wider.former_type in ('integer', 'smallint')
        when is_wider.key_type = 'integer' then is_wider.former_type = 'smallint'
        else false
    end
$$;
