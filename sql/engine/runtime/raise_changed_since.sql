-- Somebody else has changed rows since these runs captured them: which, and who, where it was a run. Or since their
-- undo did (a negative number): then nothing of theirs has to go, but what these others did.
-- Errors: UW011, always.
create or replace function unwind_internal.raise_changed_since(numbers bigint [], logs text [], merging boolean)
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
        from unwind_internal.changes(numbers, logs => logs, merging => merging) as c
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
        (array_agg(c.table_name order by c.n))[1],
        array(select distinct b.id from conflicts as f cross join unnest(f.changed_by) as b (id) order by b.id)
    into v_count, v_rows, v_table, v_others
    from conflicts as c;
    if v_runs <> '{}' then
        begin
            v_others := array(select d.run_id from unwind_internal.dependent_runs(v_runs) as d);
        exception
            when sqlstate 'UW011' or insufficient_privilege then
                v_others := '{}'; -- what these others did cannot be told: they could not be undone together either
        end;
    end if;
    raise 'rows were changed by somebody else since: %', v_count
    using errcode = 'UW011',
        detail = v_rows || case when v_count > 20 then format('; and %s more', v_count - 20) else '' end || '.',
        hint = concat_ws(E'\n',
            case when v_others <> '{}'
                then 'To undo the runs that did it too: ' || unwind_internal.call_to_undo(v_others || v_runs) end,
            'To leave those rows as they are: on_conflict => ''skip''. To see them: '
            || unwind_internal.call_to_find_changes(numbers[1])
        ),
        table = v_table;
end
$$;
