-- Locks rows that will go or be cleared, and so waits for whoever has a row in flight that refers to them. By where
-- they lie, which is one order for all who want some of the same rows; a row by its key alone needs none.
create or replace function unwind_internal.render_lock(statement unwind.plan_statements, one boolean)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_is_by_key constant boolean := one
    and (unwind_internal.anchor_of(statement)).action = 'keys'
    and statement.parent_way is null
    and unwind_internal.row_key(statement.target) <@ statement.way_columns;
begin
    return (
        select concat_ws(E'\n        ',
            concat_ws(', ', format('        perform from %s as t', statement.target), r.sources),
            'where ' || r.condition,
            case when v_is_by_key is not true then 'order by t.tableoid, t.ctid' end
        ) || ' for update of t;'
        from unwind_internal.compiled_rows(statement, one) as r
    );
end
$$;
