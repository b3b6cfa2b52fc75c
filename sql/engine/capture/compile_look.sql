-- Makes one of the functions that look into logs, owned by the engine's owner. They look in a transaction of their own
-- that is taken back, for that lets go of the locks on the logs: a writer that has one altered (follow_table) is not to
-- wait for an undo that waits for it. Where such writers come to wait for each other, whoever waits for them may be
-- told so in their place: it looks again.
-- SECURITY DEFINER, for nobody reads logs; they tell nothing else.
create or replace function unwind_internal.compile_look(function_name text, result text, expression text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format(
        'create or replace function unwind_compiled.%I(numbers bigint[]) returns %s stable language %s as %L',
        function_name, result,
        -- Where there is no log to look into, PostgreSQL inlines it.
        case when expression like '%from%' then 'plpgsql security definer set plan_cache_mode = force_generic_plan '
            'set enable_seqscan = off'
            else 'sql' end,
        case
            when expression like '%from%' then format(
                $body$declare
    v_found %s;
begin
    for v_try in 1..3 loop
        begin
            v_found := %s;
            raise sqlstate 'ZZ000';
        exception
            when sqlstate 'ZZ000' then
                return v_found;
            when deadlock_detected then
                if v_try operator(pg_catalog.=) 3 then
                    raise;
                end if;
        end;
    end loop;
end$body$,
                result, expression
            )
            else format('select %s::%s', expression, result)
        end
    );
    execute format(
        'alter function unwind_compiled.%I(bigint[]) owner to %I', function_name, unwind_internal.engine_owner()
    );
    perform unwind_internal.grant_generated('unwind_compiled.' || function_name);
end
$$;
