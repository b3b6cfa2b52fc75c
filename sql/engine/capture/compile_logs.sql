-- Makes the functions that say which logs have images of runs, by a look into each (null where nothing is under
-- capture), and whether these found rows anywhere; and one that says both, and how many images there are. Anew,
-- whenever a log comes or goes.
create or replace function unwind_internal.compile_logs()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_logs text [] := array(select c.log_name from unwind_internal.captured_tables as c order by c.log_name);
begin
    perform unwind_internal.compile_look('logs_of', 'pg_catalog.text[]', (
        select coalesce(
            'pg_catalog.array_remove(array[' || string_agg(
                format(
                    E'\n        case when exists (\n            select from unwind_captured.%I as l '
                    'where l."~run" operator(pg_catalog.=) any(numbers)\n        ) then %L end', l.name, l.name
                ), ',' order by l.n
            ) || E'\n    ], null)', 'null'
        )
        from unnest(v_logs) with ordinality as l (name, n)
    ));
    perform unwind_internal.compile_look('have_found', 'pg_catalog.bool', (
        select coalesce(
            string_agg(
                format(
                    E'exists (\n            select from unwind_captured.%I as l '
                    'where l."~run" operator(pg_catalog.=) any(numbers) '
                    'and l."~sign" operator(pg_catalog.>) 0\n        )',
                    l.name
                ), E'\n        or ' order by l.n
            ), 'false'
        )
        from unnest(v_logs) with ordinality as l (name, n)
    ));
    -- Signs in arrays, for ten aggregates take longer to set up than all the rest.
    perform unwind_internal.compile_look('images_of', 'unwind_internal.run_images', (
        select case
            when count(*) > 0 then format(
                $sql$(
        select row(
            pg_catalog.array_remove(array[%s
            ], null),
            pg_catalog.array_remove(array[%s
            ], 0)::pg_catalog.int8[],
            %s
        )
        from (
            select%s
            offset 0
        ) as l
    )$sql$,
                string_agg(
                    format(
                        E'\n                case when l.n%s operator(pg_catalog.<>) ''{}'' then %L end', l.n, l.name
                    ), ',' order by l.n
                ),
                string_agg(format(E'\n                pg_catalog.cardinality(l.n%s)', l.n), ',' order by l.n),
                string_agg(format('1 operator(pg_catalog.=) any(l.n%s)', l.n), E'\n            or ' order by l.n),
                string_agg(
                    format(
                        E'\n            array(\n                select l."~sign" from unwind_captured.%I as l '
                        'where l."~run" operator(pg_catalog.=) any(numbers)\n            ) as n%s', l.name, l.n
                    ), ',' order by l.n
                )
            )
            else 'null'
        end
        from unnest(v_logs) with ordinality as l (name, n)
    ));
end
$$;
