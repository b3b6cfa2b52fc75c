-- Errors: UW009.
create or replace function unwind_internal.assert_if_exists(if_exists text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(if_exists, '') not in ('error', 'attach', 'new') then
        raise 'where a run exists nobody can %', coalesce(quote_literal(if_exists), 'null')
        using errcode = 'UW009',
            detail = 'if_exists is error, attach (take part in it) or new (the next attempt, once it was undone).',
            hint = 'select unwind.start_run(..., if_exists => ''attach'');';
    end if;
end
$$;
