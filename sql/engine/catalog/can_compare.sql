-- Whether PostgreSQL has an equality operator for two columns.
create or replace function unwind_internal.can_compare(left_type text, right_type text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('select null::%s = null::%s', left_type, right_type);
    return true;
exception
    when undefined_function or ambiguous_function then
        return false;
end
$$;
