-- Writes the images of an undo, whose number is given, negative, that was not captured (undo_mirrored): now they are
-- needed. Before a log is written to, its table is held, for whoever writes there may come to alter the log; one table
-- after the other, in the order of all undos.
-- Errors: UW011, as touched_table; 42501.
create or replace function unwind_internal.write_mirrored(number bigint, skipping boolean)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_log text;
begin
    if - number <> all(unwind_internal.undo_of(- number)) then
        return;
    end if;
    foreach v_log in array coalesce(unwind_compiled.logs_of(array[- number]), '{}') loop
        perform unwind_internal.hold_captured(v_log, array[number], skipping),
            unwind_internal.mirror_images(v_log, number);
    end loop;
end
$$;
