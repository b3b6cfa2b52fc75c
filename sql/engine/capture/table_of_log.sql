-- The table that a log is of. Declared immutable, though it reads, so that the planner folds it: the views of images
-- ask it once a plan, and not in each statement. A log is never another table's, and a restored dump, where tables have
-- other numbers, has no plans yet. A transaction whose snapshot is older than the log is refused, for a plan may
-- outlive it.
-- SECURITY DEFINER, for it is asked for whoever reads images; it tells nothing else.
-- Errors: 40001.
create or replace function unwind_internal.table_of_log(log_name text)
returns regclass
language plpgsql
immutable
security definer
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_table regclass;
begin
    select c.table_name into v_table from unwind_internal.captured_tables as c where c.log_name = table_of_log.log_name;
    if not found then
        raise 'could not serialize access: % was captured since this transaction began', log_name
        using errcode = 'serialization_failure',
            detail = 'Its snapshot is older than the log of its images.',
            hint = 'Try the transaction again.';
    end if;
    return v_table;
end
$$;
