-- The worker named by act_as; null where nobody was. Without a search_path of its own PostgreSQL inlines it.
create or replace function unwind_internal.speaker()
returns text
language sql
stable
as $$
    select case
        when pg_catalog.current_setting('unwind.worker', true) operator(pg_catalog.<>) ''
            then pg_catalog.current_setting('unwind.worker', true)
    end
$$;
