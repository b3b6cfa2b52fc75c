-- Whether the elements of an array, or the columns of a row, can be compared: the array's own equality asks for theirs
-- only once there is something to compare.
create or replace function unwind_internal.parts_can_compare(type oid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return not exists (
        select from (
            select t.typelem as part
            from pg_type as t
            where t.oid = type and t.typsubscript = 'array_subscript_handler'::regproc
            union all
            select a.atttypid
            from pg_type as t
            inner join pg_attribute as a on a.attrelid = t.typrelid
            where t.oid = type and t.typtype = 'c' and a.attnum > 0 and not a.attisdropped
        ) as p
        where unwind_internal.equality(p.part, p.part) is null
    );
end
$$;
