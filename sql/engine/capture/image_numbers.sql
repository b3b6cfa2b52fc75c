-- The numbers under which there may be images of runs: their own, and, negative, those of their undos.
create or replace function unwind_internal.image_numbers(numbers bigint [])
returns bigint []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select array(
        select n.number from unnest(numbers) as n (number)
        union
        select -n.number from unnest(numbers) as n (number)
        union
        select -s.undone_with from unwind_internal.restorable_runs as s where s.run = any(numbers)
    )
$$;
