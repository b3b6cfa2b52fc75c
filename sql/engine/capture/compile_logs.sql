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
    perform unwind_internal.compile_look('images_of', 'unwind_internal.run_images', (
        select coalesce(
            E'(\n        select row(\n            coalesce(pg_catalog.array_agg(i.log_name order by i.place), ''{}''), '
            'pg_catalog.array_agg(i.images order by i.place),\n            '
            'coalesce(pg_catalog.bool_or(i.is_found), false)\n        )\n        from (' || string_agg(
                format(
                    E'\n            select %s as place, %L as log_name, pg_catalog.count(*) as images, '
                    'pg_catalog.bool_or(l."~sign" operator(pg_catalog.>) 0) as is_found\n            '
                    'from unwind_captured.%I as l where l."~run" operator(pg_catalog.=) any(numbers)',
                    l.n, l.name, l.name
                ), E'\n            union all' order by l.n
            ) || E'\n        ) as i\n        where i.images operator(pg_catalog.>) 0\n    )', 'null'
        )
        from unnest(v_logs) with ordinality as l (name, n)
    ));
end
$$;
