-- Refuses tables whose rows cannot be captured, or not be known by a key.
-- Errors: UW009.
create or replace function unwind_internal.assert_capturable(tbl regclass)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_table record;
    v_reason text;
    v_hint text;
begin
    select c.oid, c.relkind, c.relispartition into v_table from pg_class as c where c.oid = tbl;
    if v_table.oid is not null then
        perform unwind_internal.assert_users_table(tbl);
    end if;
    select w.reason, w.hint into v_reason, v_hint
    from (
        values
        (v_table.oid is null, 'There is no such table.', 'Name a table of the application''s, with its schema.'),
        (
            v_table.relkind not in ('r', 'p'), 'Only the rows of ordinary and partitioned tables can be captured.',
            'Name the table behind it.'
        ),
        (
            v_table.relispartition, 'It is a partition: its rows are captured with those of the whole table.',
            format('select unwind.capture_table(%L);', pg_partition_root(tbl))
        ),
        (
            exists (
                select from pg_inherits as i
                inner join pg_class as p on p.oid = i.inhparent and p.relkind = 'r'
                where i.inhrelid = tbl or i.inhparent = tbl
            ),
            'It inherits, or others inherit from it: what is written to a parent lacks the columns of its children.',
            'Partition it instead.'
        ),
        (
            unwind_internal.is_kept_elsewhere(tbl), 'Rows of it are kept elsewhere, where no transaction of ours ends.',
            'Let the workflow record their keys.'
        ),
        (
            not exists (
                select from pg_index as i where i.indrelid = tbl and i.indisprimary and not i.indisexclusion
            ),
            'It has no primary key by which a row is known.', format('alter table %s add primary key (...);', tbl)
        ),
        (
            exists (
                select from pg_attribute as a
                where a.attrelid = tbl and a.attgenerated <> '' and a.attname = any(unwind_internal.primary_key(tbl))
            ),
            'A column of its primary key is generated, and so not captured.', 'Let the key be of plain columns.'
        )
    ) as w (is_so, reason, hint)
    where w.is_so
    limit 1;
    if v_reason is not null then
        raise '% cannot be captured', coalesce(tbl::text, 'null')
        using errcode = 'UW009',
            detail = v_reason,
            hint = v_hint;
    end if;
end
$$;
