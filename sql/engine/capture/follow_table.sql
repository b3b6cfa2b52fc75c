-- Brings the log of a captured table and its trigger functions up to date, and gives the table as it is now. Where it
-- was altered, that is done by the first statement that writes to it. The row of the log is locked until the
-- transaction ends, so one does it, and a transaction whose snapshot is older fails to serialize. The log is locked
-- before that row, by all: whoever reads or writes images may come to follow, too, and must not wait for somebody that
-- waits for him.
-- SECURITY DEFINER, for it is called for whoever writes to the table; it makes nothing but what is true.
create or replace function unwind_internal.follow_table(log_name text)
returns unwind_internal.captured_tables
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_captured unwind_internal.captured_tables;
begin
    perform unwind_internal.lock_log(c.log_name)
    from unwind_internal.captured_tables as c
    where c.log_name = follow_table.log_name;
    if not found then
        return null;
    end if;
    select c.* into v_captured
    from unwind_internal.captured_tables as c
    where c.log_name = follow_table.log_name
    for update;
    if not found then
        return null;
    end if;
    if v_captured.fingerprint <> (
        select s.fingerprint from unwind_internal.table_shape(v_captured.table_name) as s
    ) then
        v_captured := unwind_internal.alter_log(v_captured);
    end if;
    perform unwind_internal.compile_capture(v_captured);
    return v_captured;
end
$$;
