-- Keys of steps by which more than one row can be meant: all that have it when the run is undone go, whoever wrote
-- them. Where an index cannot make it unique, as one of a partitioned table may not, only another key helps.
create or replace function unwind_internal.check_keys(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        'warning',
        'key_not_unique',
        r.root_table::text,
        format('no unique index of %s says that a key of step %L, (%s), is one row: all rows that have it would go',
            r.root_table, r.step, array_to_string(r.key_columns, ', ')),
        case
            when c.relkind = 'r' and not c.relhassubclass
                then unwind_internal.render_index(r.root_table, r.key_columns, true) || ' '
            else ''
        end || '-- or define the step by a key that is unique'
    from unwind.step_roots as r
    inner join pg_class as c on c.oid = r.root_table
    where r.workflow = check_keys.workflow and not unwind_internal.is_unique(r.root_table, r.key_columns)
    order by 3, 4
$$;
