-- Makes the function that says which logs have images of runs, by a look into each: anew, whenever a log comes or goes.
-- SECURITY DEFINER, for nobody reads logs; it tells nothing else.
create or replace function unwind_internal.compile_logs()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format(
        'create or replace function unwind_compiled.logs_of(numbers bigint[]) returns text[]
language plpgsql
stable
security definer
as %L',
        coalesce(
            (
                select format(E'begin\n    return pg_catalog.array_remove(array[%s\n    ], null);\nend', string_agg(
                    format(E'\n        case when exists (\n            select from unwind_captured.%I as l '
                        'where l."~run" operator(pg_catalog.=) any(numbers)\n        ) then %L end',
                        c.log_name, c.log_name),
                    ',' order by c.log_name
                ))
                from unwind_internal.captured_tables as c
                having count(*) > 0
            ),
            E'begin\n    return ''{}'';\nend'
        )
    );
    execute format(
        'alter function unwind_compiled.logs_of(bigint[]) owner to %I', unwind_internal.engine_owner()
    );
    perform unwind_internal.grant_generated('unwind_compiled.logs_of');
end
$$;
