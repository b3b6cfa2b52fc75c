-- A partitioned table is planned as one. A link into one of its partitions alone would be followed by PostgreSQL, or be
-- meant to be followed, but not by the plan; one that only refuses is left to PostgreSQL.
-- Errors: UW009.
create or replace function unwind_internal.assert_whole(target regclass)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_link record;
begin
    if (select c.relkind from pg_class as c where c.oid = target) <> 'p' then
        return;
    end if;
    select f.child_table, f.parent_table into v_link
    from pg_partition_tree(target) as p
    inner join unwind_internal.foreign_keys as f on f.parent_table = p.relid
    where p.level > 0 and (f.on_delete = 'cascade' or f.is_declared)
    order by f.child_table::text
    limit 1;
    if found then
        raise '% refers to %, a partition of % alone', v_link.child_table, v_link.parent_table, target
        using errcode = 'UW009',
            detail = 'The plan deletes from the whole table, '
                'and what hangs below one partition would go without a receipt.',
            hint = format('Let it refer to %s, or make %s the root table of a step.', target, v_link.parent_table);
    end if;
end
$$;
