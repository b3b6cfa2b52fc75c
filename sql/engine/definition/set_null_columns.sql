-- The columns of an action 'set null (a, "B")', written as identifiers are in SQL; null where it has no list, none
-- where the list cannot be read.
create or replace function unwind_internal.set_null_columns(on_delete text)
returns text []
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_list text := substring(on_delete from '^set null\s*\((.*)\)$');
    v_name constant text := '("(?:[^"]|"")+"|[^"(),.\s]+)';
begin
    if v_list !~ format('^\s*%s\s*(,\s*%1$s\s*)*$', v_name) then
        return '{}';
    end if;
    return (
        select array_agg((parse_ident(m.name[1]))[1]::name::text order by m.place)
        from regexp_matches(v_list, v_name, 'g') with ordinality as m (name, place)
    );
exception
    when invalid_parameter_value then
        return '{}'; -- no identifier
end
$$;
