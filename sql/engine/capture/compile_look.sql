-- Makes one of the functions that look into logs, owned by the engine's owner.
-- SECURITY DEFINER, for nobody reads logs; they tell nothing else.
create or replace function unwind_internal.compile_look(function_name text, result text, expression text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format(
        'create or replace function unwind_compiled.%I(numbers bigint[]) returns %s language plpgsql stable '
        'security definer%s as %L',
        function_name, result,
        -- Where there is nothing to plan, the setting would cost more than the rest.
        case when expression like '%from%' then ' set plan_cache_mode = force_generic_plan' else '' end,
        format(E'begin\n    return %s;\nend', expression)
    );
    execute format(
        'alter function unwind_compiled.%I(bigint[]) owner to %I', function_name, unwind_internal.engine_owner()
    );
    perform unwind_internal.grant_generated('unwind_compiled.' || function_name);
end
$$;
