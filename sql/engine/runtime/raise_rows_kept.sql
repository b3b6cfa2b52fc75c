-- Errors: UW007, always.
create or replace function unwind_internal.raise_rows_kept(workflow text, table_name text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_here text [] := unwind_internal.user_code(table_name::regclass, true, true);
    v_elsewhere text [] := array(
        select format('%s (%s)', t.table_name, array_to_string(c.names, ', '))
        from unwind_internal.planned_tables as t
        cross join unwind_internal.user_code(t.target, true, true) as c (names)
        where t.workflow = raise_rows_kept.workflow and t.table_name <> raise_rows_kept.table_name and c.names <> '{}'
        order by 1
        limit 10
    );
begin
    raise 'rows of % were not deleted, or came back: they are still there at the end', table_name
    using errcode = 'UW007',
        detail = concat_ws(' ',
            'Triggers and rules there: ' || coalesce(nullif(array_to_string(v_here, ', '), ''), 'none') || '.',
            case when v_here <> '{}' then 'One that returns null, or does something else instead, keeps the row.' end,
            'Elsewhere, where they may write such rows: ' || nullif(array_to_string(v_elsewhere, ', '), '') || '.',
            case when v_here = '{}' and v_elsewhere = '{}' then 'So another session is writing them.' end
        ),
        hint = case when v_here = '{}' and v_elsewhere = '{}' then 'Undo the run again once that session is done.'
            else format('Let the trigger pass, or: alter table %s disable trigger ...;',
                case when v_here <> '{}' then table_name else split_part(v_elsewhere[1], ' (', 1) end) end,
        table = table_name;
end
$$;
