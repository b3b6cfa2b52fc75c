-- Whether PostgreSQL itself deletes or clears rows that refer to the target, whatever was declared. Found by what they
-- depend on, for pg_constraint has no index on the referenced table.
create or replace function unwind_internal.deletes_by_itself(target regclass)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select from pg_depend as d
        inner join pg_constraint as c on c.oid = d.objid
        where d.refclassid = 'pg_class'::regclass
            and d.refobjid = target
            and d.classid = 'pg_constraint'::regclass
            and c.contype = 'f' and c.confrelid = target and c.confdeltype in ('c', 'n', 'd')
    );
end
$$;
