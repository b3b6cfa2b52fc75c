-- The real foreign keys that point at a table or a partition of it, a line each. Found by what they depend on, for
-- pg_constraint has no index on the referenced table, and one that is NOT ENFORCED (PostgreSQL 18) has no triggers.
create or replace function unwind_internal.real_keys(target regclass)
returns text []
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tables oid [] := target::oid || array(select p.relid::oid from pg_partition_tree(target) as p);
begin
    return (
        select coalesce(array_agg(distinct format('%s (%s) -> %s (%s) on delete %s%s',
                c.conrelid::regclass,
                unwind_internal.column_names(c.conrelid, c.conkey),
                c.confrelid::regclass,
                unwind_internal.column_names(c.confrelid, c.confkey),
                case c.confdeltype
                    when 'c' then 'cascade' when 'n' then 'set null' when 'd' then 'set default' else 'no action'
                end || coalesce(' (' || unwind_internal.column_names(c.conrelid, c.confdelsetcols) || ')', ''),
                case when c.condeferrable then ', deferrable' else '' end
                -- A column that older servers do not have.
                || case to_jsonb(c) ->> 'conenforced' when 'false' then ', not enforced' else '' end
            )), '{}')
        from pg_depend as d
        inner join pg_constraint as c on c.oid = d.objid
        where d.refclassid = 'pg_class'::regclass
            and d.refobjid = any(v_tables)
            and d.classid = 'pg_constraint'::regclass
            and c.contype = 'f'
            and c.confrelid = d.refobjid
            and c.conparentid = 0
    );
end
$$;
