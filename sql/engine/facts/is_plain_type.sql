-- Whether a type, as full_type gives it, is one of PostgreSQL's own of which equal values are written equal, and one
-- way in every session.
create or replace function unwind_internal.is_plain_type(full_type text)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select unwind_internal.key_pattern(full_type) is not null
$$;
