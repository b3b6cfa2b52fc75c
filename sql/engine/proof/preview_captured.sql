-- What undoing a run would do in captured tables, beside what its recorded keys do: a line for each table and action,
-- after so many others; and for each table a line of the rows that somebody else has changed since, for which it would
-- be refused.
-- Errors: UW001, UW008, UW009, UW011; 42501 where the caller may not read a table.
create or replace function unwind_internal.preview_captured(run_id text, before int)
returns table (
    ordinal int, step text, table_name text, row_count bigint, statement text, blocked_by text, action text
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        before + (row_number() over (order by l.place, l.table_name))::int, null::text, l.table_name,
        case when l.action = 'conflict' then 0 else l.row_count end,
        format('select * from unwind.find_changes(%L) where table_name = %L and action = %L;',
            preview_captured.run_id, l.table_name, l.action),
        l.keys, l.action
    from (
        select
            c.table_name, c.action, array_position(array['delete', 'update', 'insert', 'conflict'], c.action) as place,
            count(*) as row_count,
            case when c.action = 'conflict' then format(
                '%s %s%s', c.table_name,
                string_agg(format('(%s)', c.row_key), ', ' order by c.n) filter (where c.n <= 10),
                case when count(*) > 10 then format(' and %s more', count(*) - 10) end
            ) end as keys
        from (
            select f.*, row_number() over (partition by f.table_name, f.action order by f.row_key) as n
            from unwind_internal.uncovered_changes(preview_captured.run_id) as f
        ) as c
        group by c.table_name, c.action
    ) as l;
end
$$;
