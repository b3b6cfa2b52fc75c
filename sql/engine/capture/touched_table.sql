-- A captured table in which these runs have images, brought up to date; null where it was dropped, to an undo that
-- skips (see lost_images).
-- SECURITY DEFINER, for nobody but the engine reads which there are. STABLE as far as its callers can tell.
-- Errors: UW011, where it is gone, or its key, or images are of columns of a type that they no longer have; 25006,
-- where it cannot be brought up to date, as on a standby.
create or replace function unwind_internal.touched_table(log_name text, numbers bigint [], skipping boolean)
returns unwind_internal.captured_tables
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_captured unwind_internal.captured_tables;
    v_lost boolean;
begin
    select c.* into v_captured from unwind_internal.captured_tables as c where c.log_name = touched_table.log_name;
    if not exists (select from pg_class as t where t.oid = v_captured.table_name) then
        if skipping then
            return null;
        end if;
        perform unwind_internal.raise_table_gone(v_captured.log_name);
    end if;
    if unwind_internal.is_stale(v_captured.log_name, v_captured.fingerprint) then
        if current_setting('transaction_read_only')::boolean then
            raise '% was altered, and what is kept of it has to follow first', v_captured.table_name
            using errcode = 'read_only_sql_transaction',
                detail = 'That takes a transaction that is not read-only; the next one that writes in a run does it.',
                hint = 'Ask the primary, or outside of this transaction.',
                table = v_captured.table_name::text;
        end if;
        v_captured := unwind_internal.follow_table(v_captured.log_name);
    end if;
    if unwind_internal.primary_key(v_captured.table_name) is null then
        perform unwind_internal.raise_key_gone(v_captured);
    end if;
    execute format(
        'select exists (select from unwind_captured.%I as l where l."~run" = any($1) and l."~shape" < $2)',
        v_captured.log_name
    )
    into v_lost
    using numbers, v_captured.min_shape;
    if v_lost then
        perform unwind_internal.raise_retyped(v_captured);
    end if;
    return v_captured;
end
$$;
