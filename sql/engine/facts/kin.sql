-- The table itself, those that its rows are rows of too, and those that hold some of its rows: partitioned tables and
-- partitions, parents and children of inheritance. One row can be named by any of them.
create or replace function unwind_internal.kin(target regclass)
returns setof regclass
language plpgsql
stable
rows 2
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    with recursive above (name) as (
        select kin.target::oid
        union
        select i.inhparent from above inner join pg_inherits as i on i.inhrelid = above.name
    ),

    below (name) as (
        select kin.target::oid
        union
        select i.inhrelid from below inner join pg_inherits as i on i.inhparent = below.name
    )

    select a.name::regclass from above as a
    union
    select b.name::regclass from below as b;
end
$$;
