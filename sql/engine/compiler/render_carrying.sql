-- A column's value in the type in which it is carried (carried_type). A cast to text of a type that did not come with
-- PostgreSQL can be anybody's function, so arrays and rows of such types go by PostgreSQL's own output functions.
create or replace function unwind_internal.render_carrying(expression text, type_name text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select case
            when t.oid < 16384 or unwind_internal.carried_type(type_name) = type_name
                then format(
                    '%s::%s', expression, unwind_internal.qualified_type(unwind_internal.carried_type(type_name))
                )
            else format('pg_catalog.%s(%s)::pg_catalog.text',
                case t.typcategory when 'A' then 'array_out' else 'record_out' end, expression)
        end
        from pg_type as t
        where t.oid = type_name::regtype
    );
end
$$;
