-- The statement by which a person takes the row from whoever holds it; what the transaction has written is lost.
create or replace function unwind_internal.end_holder(pid int, gid text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when gid is null then format('select pg_terminate_backend(%s);', pid)
        else format('rollback prepared %L;', gid)
    end
$$;
