-- Raises anew an error that was caught, and kept while its transaction was committed.
-- Errors: whatever it was.
create or replace function unwind_internal.raise_failure(failure jsonb)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise '%', failure ->> 'message'
    using errcode = failure ->> 'sqlstate',
        detail = failure ->> 'detail',
        hint = failure ->> 'hint';
end
$$;
