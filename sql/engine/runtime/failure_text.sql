-- A failure as last_error has it.
create or replace function unwind_internal.failure_text(failure jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(E'\n',
        format('[%s] %s', failure ->> 'sqlstate', failure ->> 'message'), nullif(failure ->> 'detail', '')
    )
$$;
