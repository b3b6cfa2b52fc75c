-- The captured tables in which these runs have images, in the order in which all undos lock them; brought up to date.
-- SECURITY DEFINER, for nobody but the engine reads which there are. STABLE as far as its callers can tell.
-- Errors: UW011, where a table is gone, or its key, or images are of columns of a type that they no longer have.
create or replace function unwind_internal.touched_tables(numbers bigint [], skipping boolean default false)
returns setof unwind_internal.captured_tables
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_captured unwind_internal.captured_tables;
    v_lost boolean;
begin
    for v_captured in
        select c.*
        from unwind_internal.captured_tables as c
        where c.log_name = any(unwind_compiled.logs_of(touched_tables.numbers))
        order by c.log_name
    loop
        if not exists (select from pg_class as t where t.oid = v_captured.table_name) then
            continue when skipping; -- see lost_images
            perform unwind_internal.raise_table_gone(v_captured.log_name);
        end if;
        if unwind_internal.is_stale(v_captured.log_name, v_captured.fingerprint) then
            v_captured := unwind_internal.follow_table(v_captured.log_name);
        end if;
        if unwind_internal.primary_key(v_captured.table_name) is null then
            perform unwind_internal.raise_key_gone(v_captured);
        end if;
        execute format(
            'select exists (select from unwind_captured.%I as l where l."~run" = any($1) and l."~shape" < $2)',
            v_captured.log_name
        )
        into v_lost
        using numbers, v_captured.min_shape;
        if v_lost then
            perform unwind_internal.raise_retyped(v_captured);
        end if;
        return next v_captured;
    end loop;
end
$$;
