-- A row does not come back as it was.
-- Errors: UW014, always.
create or replace function unwind_internal.raise_revert_refused(tbl regclass, bad text, reason text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'a row of % does not come back as it was%', tbl, coalesce(': ' || bad, '')
    using errcode = 'UW014',
        detail = reason,
        hint = 'A trigger lets it pass with when (current_setting(''unwind.undoing'', true) is distinct from ''on'').',
        table = tbl::text;
end
$$;
