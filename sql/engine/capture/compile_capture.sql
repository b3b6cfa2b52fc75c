-- Makes the trigger functions of a captured table, as it is now. They are the engine's owner's, whoever asks.
create or replace function unwind_internal.compile_capture(captured unwind_internal.captured_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name text;
    v_operation text;
begin
    for v_name, v_operation in select f.* from unwind_internal.capture_functions(captured) as f loop
        execute format(
            'create or replace function unwind_compiled.%I() returns trigger language plpgsql security definer as %L',
            v_name, unwind_internal.render_trigger_body(captured, v_operation)
        );
        execute format('alter function unwind_compiled.%I() owner to %I', v_name, unwind_internal.engine_owner());
        perform unwind_internal.grant_generated(format('unwind_compiled.%I', v_name));
    end loop;
end
$$;
