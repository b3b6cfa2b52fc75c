-- The captured tables in which a run has images, as their logs know them, also those that were dropped since.
-- SECURITY DEFINER, for nobody but the engine reads which there are.
create or replace function unwind_internal.logs_with_images(number bigint)
returns setof unwind_internal.captured_tables
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select c.*
    from unwind_internal.captured_tables as c
    where c.log_name = any(unwind_compiled.logs_of(array[logs_with_images.number]))
    order by c.log_name;
end
$$;
