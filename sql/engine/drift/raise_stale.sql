-- Errors: UW009, always.
create or replace function unwind_internal.raise_stale(workflow text, drift text [], message text default null)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'workflow % has to be compiled anew: %', quote_literal(workflow), drift[1]
    using errcode = 'UW009',
        detail = concat_ws(' ', 'Changed since it was compiled: ' || array_to_string(drift, '; ') || '.', message),
        hint = unwind_internal.stale_hint(workflow);
end
$$;
