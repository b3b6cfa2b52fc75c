-- Brings captured tables up to date, some of which were altered since that was last done. This takes them against
-- their writers: one of them, who has rows locked, may be about to do the same. So an undo that has tables in this way
-- must not wait for rows, and one that has rows not for tables: it takes all tables, and all rows that the runs changed
-- there, or lets go of them a moment later, and tries again. Where that is of no use, it waits.
-- Errors: UW011, as touched_table; 42501.
create or replace function unwind_internal.follow_altered(
    tables regclass [], logs text [], numbers bigint [], skipping boolean
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_patience constant text := current_setting('lock_timeout');
begin
    for v_tries_left in reverse 20..0 loop
        begin
            if v_tries_left > 0 and (v_patience::interval > '100ms' or v_patience::interval = '0') then
                perform set_config('lock_timeout', '100ms', true);
            end if;
            execute format('lock table %s in share row exclusive mode', array_to_string(tables, ', '));
            perform unwind_internal.lock_captured(t, follow_altered.numbers)
            from unwind_internal.touched_tables(follow_altered.numbers, skipping, logs) as t;
            perform set_config('lock_timeout', v_patience, true);
            return;
        exception
            when lock_not_available or deadlock_detected then -- whoever waits for one of these locks has it now
                if v_tries_left = 0 then
                    raise;
                end if;
        end;
    end loop;
end
$$;
