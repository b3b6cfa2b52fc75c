-- Whether a log, and the trigger function that asks, do not know the table as it is. Declared immutable, though it
-- reads, so that the planner folds it: it is asked once a plan, and every ALTER TABLE throws the plans away that name
-- the table as a regclass constant. For that only tbl is there.
-- A transaction whose snapshot is older than an ALTER TABLE could not tell, and is refused (40001).
-- SECURITY DEFINER, for it is asked for whoever writes to the table; it tells nothing else.
create or replace function unwind_internal.is_stale(log_name text, fingerprint text, tbl regclass default null)
returns boolean
language plpgsql
immutable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        perform unwind_internal.assert_seen_as_is(c.table_name)
        from unwind_internal.captured_tables as c
        where c.log_name = is_stale.log_name;
    end if;
    return not exists (
        select from unwind_internal.captured_tables as c
        cross join lateral unwind_internal.table_shape(c.table_name) as s
        where c.log_name = is_stale.log_name
            and c.fingerprint = is_stale.fingerprint and s.fingerprint = is_stale.fingerprint
    );
end
$$;
