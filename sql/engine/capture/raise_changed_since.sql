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
    v_runs text [];
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
                ', by run ' || c.changed_by),
            '; ' order by c.n
        ) filter (where c.n <= 20),
        (array_agg(c.table_name order by c.n))[1],
        array(
            select distinct r.id
            from unnest(array_agg(c.changed_by)) as b (runs)
            cross join string_to_table(b.runs, ', ') as r (id)
            order by r.id
        )
    into v_count, v_rows, v_table, v_runs
    from conflicts as c;
    raise 'rows were changed by somebody else since: %', v_count
    using errcode = 'UW011',
        detail = v_rows || case when v_count > 20 then format('; and %s more', v_count - 20) else '' end || '.',
        hint = concat_ws(E'\n',
            case when v_runs <> '{}' then format(
                'To undo the runs that did it too: select * from unwind.compensate_runs(%L);',
                v_runs || array(select r.id from unwind.workflow_runs as r where r.number = any(numbers) order by r.id)
            ) end,
            'To leave those rows as they are: on_conflict => ''skip''. To see them: select * from '
            'unwind.find_changes(run_id);'
        ),
        table = v_table;
end
$$;
