-- Those of the runs whose undo in batches was begun and abandoned: too big for one transaction.
create or replace function unwind_internal.begun_in_batches(run_ids text [])
returns text []
language sql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
    select coalesce(array_agg(r.id order by r.place), '{}')
    from unnest(begun_in_batches.run_ids) with ordinality as r (id, place)
    where exists (select from unwind.progress as p where p.run_id = r.id)
$$;
