-- A link of the whole table counts for its partitions: one of a partition on the same columns would say nothing.
-- Errors: UW009.
create or replace function unwind_internal.assert_counts(
    child_table regclass, child_columns text [], parent_table regclass, parent_columns text []
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_whole regclass;
begin
    select f.child_table into v_whole
    from pg_partition_ancestors(assert_counts.child_table) as a
    inner join unwind_internal.foreign_keys as f on f.child_table = a.relid
    where a.relid <> assert_counts.child_table
        and f.parent_table = assert_counts.parent_table
        and f.child_columns || f.parent_columns
            = unwind_internal.link_columns(assert_counts.child_columns, assert_counts.parent_columns)
    limit 1;
    if found then
        raise '% is a partition of %, whose foreign key to % counts for it', child_table, v_whole, parent_table
        using errcode = 'UW009',
            detail = 'Rows of a partitioned table are deleted, cleared or refused as one, wherever they lie.',
            hint = format('select unwind.declare_foreign_key(%L, %L, %L, %L, ...);',
                v_whole, child_columns, parent_table, parent_columns);
    end if;
end
$$;
