-- Errors: UW009, always.
create or replace function unwind_internal.raise_stale(workflow text, drift text [], message text default null)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'workflow % has to be compiled anew: %', quote_literal(workflow), drift[1]
    using errcode = 'UW009',
        detail = concat_ws(' ', 'Changed since it was compiled: ' || array_to_string(drift, '; ') || '.', message),
        hint = format('select unwind.compile_workflow(%L); or, to see more: select * from unwind.check_workflow(%1$L);',
            workflow);
end
$$;
