-- A value as it goes into a jsonb: of a type that did not come with PostgreSQL as text, for its cast can be anybody's
-- code.
create or replace function unwind_internal.render_json_value(value text, is_builtin boolean)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when is_builtin then value
        else format('case when num_nulls(%1$s) = 0 then format(''%%s'', %1$s) end', value)
    end
$$;
