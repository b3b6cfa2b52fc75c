-- Errors: UW013, always. With what it is where the caller may know that.
create or replace function unwind_internal.raise_duplicate_run(
    run_id text, known text default null,
    hint text default 'Leave run_id out: select unwind.start_run(...) gives a new uuid.'
)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'run % exists', quote_literal(run_id)
    using errcode = 'UW013',
        detail = concat('It is ' || known || '. ', 'Run ids are never used twice.'),
        hint = hint;
end
$$;
