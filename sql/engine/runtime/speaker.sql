-- The worker named by act_as; null where nobody was.
create or replace function unwind_internal.speaker()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select nullif(current_setting('unwind.worker', true), '')
$$;
