-- A value as it is carried (render_carrying), read again as one of its column's type.
create or replace function unwind_internal.render_carried(expression text, type_name text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return case
        when unwind_internal.carried_type(type_name) = type_name then expression
        else unwind_internal.render_reading(expression, type_name)
    end;
end
$$;
