-- The trigger functions of a captured table: their names in schema unwind_compiled, and which operation each is for.
create or replace function unwind_internal.capture_functions(captured unwind_internal.captured_tables)
returns table (name text, operation text)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select format('capture_%s_%s', lower(o.operation), captured.log_name), o.operation
    from unnest(
        case
            when captured.by_row then array['ROW']
            else array['INSERT', 'UPDATE', 'DELETE']
        end
    ) as o (operation)
$$;
