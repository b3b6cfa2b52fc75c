-- The trigger that refuses TRUNCATE inside a run, and by a role that is bound: it has no rows to capture.
-- Errors: 0A000.
create or replace function unwind_internal.refuse_truncate()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(current_setting('unwind.run', true), '') <> '' or unwind_internal.is_bound() then
        raise 'TRUNCATE of % inside a run', tg_relid::regclass
        using errcode = 'feature_not_supported',
            detail = 'It has no rows that could be captured, so it could not be undone.',
            hint = 'Use DELETE; or TRUNCATE outside a run, as a role that is not bound.';
    end if;
    return null;
end
$$;
