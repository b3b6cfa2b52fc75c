-- By which columns rows of a table are owned: the keys of all steps whose root it is, or whose root is kin of it. Of
-- kin only those whose columns it has.
create or replace function unwind_internal.key_sets(target regclass)
returns table (root_table regclass, key_columns text [])
language plpgsql
stable
rows 2
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select distinct r.root_table, r.key_columns
    from unwind_internal.kin(key_sets.target) as k (name)
    inner join unwind.step_roots as r on r.root_table = k.name
    where r.root_table = key_sets.target
        or not exists (
            select from unnest(r.key_columns) as c (name)
            where not exists (
                select from pg_attribute as a
                where a.attrelid = key_sets.target and a.attname = c.name and not a.attisdropped
            )
        );
end
$$;
