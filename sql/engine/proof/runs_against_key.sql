-- Whether a real foreign key, or a chain of them, leads from the parent's columns to the child's: then the child is
-- there first, and need have no parent, as a row of a base table that belongs to one of several subclasses.
create or replace function unwind_internal.runs_against_key(
    child_table regclass, child_columns text [], parent_table regclass, parent_columns text []
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive referred (tbl, columns) as (
        select runs_against_key.parent_table::oid, runs_against_key.parent_columns
        union
        select c.confrelid, (
            select array_agg(a.attname::text collate "default" order by n.place)
            from unnest(r.columns) with ordinality as n (name, place)
            inner join pg_attribute as o on o.attrelid = c.conrelid and o.attname = n.name
            inner join pg_attribute as a
                on a.attrelid = c.confrelid and a.attnum = c.confkey[array_position(c.conkey, o.attnum)]
        )
        from referred as r
        inner join pg_constraint as c
            on c.conrelid = r.tbl and c.contype = 'f' and cardinality(c.conkey) = cardinality(r.columns)
    )

    select exists (
        select from referred as r
        where r.tbl = runs_against_key.child_table and r.columns = runs_against_key.child_columns
    )
$$;
