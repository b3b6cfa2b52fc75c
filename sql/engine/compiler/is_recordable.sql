-- Whether keys of a root can be recorded by the generated function: by a look at a plain table, all of whose rows the
-- engine's owner sees, and by types of PostgreSQL's own that write a value the same way in every session. So no code of
-- anybody's runs there. Of the rest record_step itself takes care.
create or replace function unwind_internal.is_recordable(root unwind.plan_statements)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select root.action = 'keys'
    and not unwind_internal.is_kept_elsewhere(root.target)
    and exists (
        select from pg_class as c
        where c.oid = root.target and c.relkind = 'r'
            and not c.relhassubclass and not c.relhasrules and not c.relrowsecurity
            and has_table_privilege(unwind_internal.engine_owner(), c.oid, 'SELECT')
    )
    and cardinality(root.columns) = (
        select count(*)
        from unnest(root.columns, root.full_types) as k (name, type)
        inner join pg_attribute as a on a.attrelid = root.target and a.attname = k.name
        where k.type = format_type(a.atttypid, a.atttypmod)
            and unwind_internal.is_plain_type(k.type)
    )
$$;
