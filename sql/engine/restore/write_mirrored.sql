-- Writes the images of an undo, whose number is given, negative, that was not captured (undo_mirrored): now they are
-- needed. Before the logs are written to, their tables are held, for whoever writes there may come to alter a log.
-- Errors: UW011, as touched_table; 42501.
create or replace function unwind_internal.write_mirrored(number bigint, skipping boolean)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_logs text [];
begin
    if - number <> all(unwind_internal.undo_of(- number)) then
        return;
    end if;
    v_logs := coalesce(unwind_compiled.logs_of(array[- number]), '{}');
    perform unwind_internal.hold_captured(v_logs, array[number, - number], skipping);
    perform unwind_internal.mirror_images(l.name, number) from unnest(v_logs) as l (name);
end
$$;
