-- The real foreign keys that point at a table or a partition of it, a line each, and whether by that one PostgreSQL
-- would only refuse, and at once. Found by what they depend on, for pg_constraint has no index on the referenced table,
-- and one that is NOT ENFORCED (PostgreSQL 18) has no triggers.
create or replace function unwind_internal.real_keys(target regclass)
returns table (line text, only_refuses boolean)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tables oid [] := target::oid || array(select p.relid::oid from pg_partition_tree(target) as p);
begin
    return query
    select distinct
        format('%s (%s) -> %s (%s) on delete %s%s',
            c.conrelid::regclass,
            unwind_internal.column_names(c.conrelid, c.conkey),
            c.confrelid::regclass,
            unwind_internal.column_names(c.confrelid, c.confkey),
            case c.confdeltype
                when 'c' then 'cascade' when 'n' then 'set null' when 'd' then 'set default'
                when 'r' then 'restrict' else 'no action'
            end || coalesce(' (' || unwind_internal.column_names(c.conrelid, c.confdelsetcols) || ')', ''),
            case when c.condeferrable then ', deferrable' else '' end
            || case when e.is_enforced then '' else ', not enforced' end
        ),
        -- RESTRICT cannot wait for the commit, whatever the key.
        e.is_enforced and (c.confdeltype = 'r' or (c.confdeltype = 'a' and not c.condeferrable))
    from pg_depend as d
    inner join pg_constraint as c on c.oid = d.objid
    -- A column that older servers do not have.
    cross join lateral (select coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true) as is_enforced) as e
    where d.refclassid = 'pg_class'::regclass
        and d.refobjid = any(v_tables)
        and d.classid = 'pg_constraint'::regclass
        and c.contype = 'f'
        and c.confrelid = d.refobjid
        and c.conparentid = 0;
end
$$;
