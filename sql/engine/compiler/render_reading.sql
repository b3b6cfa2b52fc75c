-- A recorded value, which is text, as one of a type. A cast from text to a type that did not come with PostgreSQL can
-- be anybody's function; the detour by jsonb goes by the type's own input function alone.
create or replace function unwind_internal.render_reading(expression text, type_name text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when type_name::regtype::oid < 16384
            then format('%s::%s', expression, unwind_internal.qualified_type(type_name))
        else format(
            '(select r.v from pg_catalog.jsonb_to_record(pg_catalog.jsonb_build_object(''v'', %s)) as r (v %s))',
            expression, unwind_internal.qualified_type(type_name)
        )
    end
$$;
