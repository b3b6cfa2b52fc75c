-- How a linking column is compared with the column that it refers to: what stands between the two, with the casts and
-- the collation of the child that it takes. As equal (equality) or, where it is the PERIOD of a foreign key
-- (PostgreSQL 18), as having a part in common, for the parent's periods have to cover it together. Under two collations
-- PostgreSQL would not know which is meant. Where one of them holds different texts equal, the parent's says which rows
-- belong to it; where neither does all agree, and under the child's an index of its serves.
-- Null where there is no such comparison.
create or replace function unwind_internal.link_equality(
    child_table regclass, child_column text, parent_table regclass, parent_column text
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_link record;
    v_collation text;
begin
    if current_setting('server_version_num')::int >= 180000 then
        if exists (
            select from pg_constraint as c
            inner join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = c.conkey[cardinality(c.conkey)]
            where c.conrelid = child_table
                and c.contype = 'f'
                and (to_jsonb(c) ->> 'conperiod')::boolean -- a column that older servers do not have
                and a.attname = child_column
        ) then
            return 'operator(pg_catalog.&&)';
        end if;
    end if;
    select c.atttypid as child_type, p.atttypid as parent_type,
        nullif(c.attcollation, 0) as child_collation, nullif(p.attcollation, 0) as parent_collation
    into v_link
    from pg_attribute as c
    inner join pg_attribute as p on p.attrelid = parent_table and p.attname = parent_column and not p.attisdropped
    where c.attrelid = child_table and c.attname = child_column and not c.attisdropped;
    if v_link.child_collation <> v_link.parent_collation then
        select format('%I.%I', n.nspname, l.collname) into v_collation
        from pg_collation as c
        inner join pg_collation as p on p.oid = v_link.parent_collation
        inner join pg_collation as l
            on l.oid = case when c.collisdeterministic and p.collisdeterministic then c.oid else p.oid end
        inner join pg_namespace as n on n.oid = l.collnamespace
        where c.oid = v_link.child_collation;
    end if;
    return unwind_internal.equality(v_link.child_type, v_link.parent_type, v_collation);
end
$$;
