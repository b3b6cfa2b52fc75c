-- Whether any foreign key, real or declared, refers to a table: a cheap look before foreign_keys is read, which reads
-- all there are. Found by what they depend on, for pg_constraint has no index on the referenced table.
create or replace function unwind_internal.is_referred(tbl regclass)
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
            and d.refobjid = is_referred.tbl
            and d.classid = 'pg_constraint'::regclass
            and c.contype = 'f'
            and c.confrelid = d.refobjid
    ) or exists (select from unwind.logical_foreign_keys as l where l.parent_table = is_referred.tbl);
end
$$;
