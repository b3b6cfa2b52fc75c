-- Locks rows that will go or be cleared, and so waits for whoever has a row in flight that refers to them. By where
-- they lie, which is one order for all who want some of the same rows; a row by its key alone needs none.
create or replace function unwind_internal.render_lock(statement unwind.plan_statements, one boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(E'\n        ',
        concat_ws(', ', format('        perform from %s as t', t.target), k.sources),
        'where ' || k.condition,
        case
            when one and a.action = 'keys' and t.parent_way is null
                and unwind_internal.row_key(t.target) <@ t.way_columns then null
            else 'order by t.tableoid, t.ctid'
        end
    ) || ' for update of t;'
    from (select (render_lock.statement).*) as t
    cross join unwind_internal.anchor_of(render_lock.statement) as a
    cross join unwind_internal.compiled_rows(render_lock.statement, one) as k
$$;
