-- Somebody else has changed rows since these runs captured them: which, and who, where it was a run.
-- Errors: UW011, always.
create or replace function unwind_internal.raise_changed_since(numbers bigint [], logs text [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = on -- see changes
as $$
declare
    v_count bigint;
    v_rows text;
    v_table text;
    v_runs constant text [] := array(
        select r.id from unwind.workflow_runs as r where r.number = any(numbers) order by r.id
    );
    v_others text [] := '{}';
begin
    with conflicts as materialized (
        select c.*, row_number() over () as n
        from unwind_internal.changes(numbers, logs => logs) as c
        where c.action = 'conflict'
    )

    select
        count(*),
        string_agg(
            format('%s (%s)%s%s', c.table_name, c.row_key,
                case
                    when c.now is null then ' is gone'
                    when c.after is null then ' is there again'
                    else ': ' || array_to_string(c.changed_columns, ', ')
                end,
                ', by run ' || array_to_string(nullif(c.changed_by, '{}'), ', ')),
            '; ' order by c.n
        ) filter (where c.n <= 20),
        (array_agg(c.table_name order by c.n))[1]
    into v_count, v_rows, v_table
    from conflicts as c;
    begin
        v_others := array(select d.run_id from unwind_internal.dependent_runs(v_runs) as d);
    exception
        when sqlstate 'UW011' or insufficient_privilege then
            null; -- what these others did cannot be told: they could not be undone together either
    end;
    raise 'rows were changed by somebody else since: %', v_count
    using errcode = 'UW011',
        detail = v_rows || case when v_count > 20 then format('; and %s more', v_count - 20) else '' end || '.',
        hint = concat_ws(E'\n',
            case when v_others <> '{}'
                then 'To undo the runs that did it too: ' || unwind_internal.call_to_undo(v_others || v_runs) end,
            'To leave those rows as they are: on_conflict => ''skip''. To see them: select * from '
            'unwind.find_changes(run_id);'
        ),
        table = v_table;
end
$$;
