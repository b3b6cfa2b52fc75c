-- What would make an undo of captured rows fail at night, or not be exact, or crawl, each with its fix; and how much
-- room the images take.
create or replace function unwind.check_capture()
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select f.*
    from (
        select c.* from unwind_internal.check_captured_shapes() as c
        union all
        select c.* from unwind_internal.check_captured_triggers() as c
        union all
        select c.* from unwind_internal.check_captured_links() as c
        union all
        select c.* from unwind_internal.check_bound_roles() as c
        union all
        select c.* from unwind_internal.check_images() as c
    ) as f (severity, code, object, message, fix)
    order by array_position(array['error', 'warning', 'info'], f.severity), f.code, f.object, f.message
$$;
comment on function unwind.check_capture() is
'What would make an undo of captured rows fail, crawl or not be exact: severity (error, warning; info for the room '
'that images take), code, object, message and the SQL that fixes it.';
