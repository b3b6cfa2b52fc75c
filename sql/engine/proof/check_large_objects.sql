-- Columns that may refer to large objects, of tables that are deleted from: nothing deletes those with the row, unless
-- a trigger does (the extension lo has one).
create or replace function unwind_internal.check_large_objects(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        'warning',
        'large_object',
        format('%s(%s)', d.target, quote_ident(a.attname)),
        format('a large object that column %I of %s refers to stays when its row goes', a.attname, d.target),
        format('create extension if not exists lo; create trigger %I before update or delete on %s '
            'for each row execute function lo_manage(%I); select unwind.compile_workflow(%L); '
            '-- if it holds large objects',
            'lo_' || a.attname, d.target, a.attname, check_large_objects.workflow)
    from (
        select distinct p.target from unwind.plan_statements as p
        where p.workflow = check_large_objects.workflow and p.action = 'delete'
    ) as d
    inner join pg_attribute as a on a.attrelid = d.target and a.attnum > 0 and not a.attisdropped
    where unwind_internal.base_type(a.atttypid) = 'oid'::regtype
        and not exists (
            select from pg_trigger as t
            inner join pg_proc as f on f.oid = t.tgfoid
            where t.tgrelid = d.target
                and t.tgtype & 8 <> 0 -- on delete
                and t.tgenabled in ('O', 'A')
                and (
                    (f.proname = 'lo_manage'
                        and t.tgargs = convert_to(a.attname::text, getdatabaseencoding()) || '\x00'::bytea)
                    or f.prosrc ~ '\mlo_unlink\M'
                )
        )
    order by 3
$$;
