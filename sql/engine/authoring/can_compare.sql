-- Whether values of two types can be compared.
create or replace function unwind_internal.can_compare(child_type text, parent_type text)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select unwind_internal.equality(child_type::regtype, parent_type::regtype) is not null
$$;
