-- The body of a trigger function that captures one operation; of a partitioned table, row by row, all three. It runs
-- for whoever writes to the table, with the rights of the engine's owner and the search_path of the writer: SECURITY
-- DEFINER costs nothing here, a setting would cost more than the rest. So every name in it is qualified. It looks for
-- rows that are there by no plan that another ALTER TABLE would leave as it is: see is_stale.
-- What it does besides the INSERT are expressions that need no query, and as few as can be, for each is prepared once a
-- transaction, the null of RETURN NULL too: what is rare is asked together first. NEW is null after a statement, and
-- after a row nobody looks at what is returned.
create or replace function unwind_internal.render_trigger_body(
    captured unwind_internal.captured_tables, operation text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $body$#variable_conflict use_variable
declare
    v_run pg_catalog.int8;
begin
%1$s    if pg_catalog.textne(pg_catalog.current_setting('unwind.run', true), '') is not true then
        return new;
    end if;
    v_run := pg_catalog.current_setting('unwind.run', true)::pg_catalog.int8;
    if pg_catalog.int8le(v_run, 0) or unwind_internal.is_stale(%2$L, %3$L, %4$L::pg_catalog.regclass) then
        if pg_catalog.int8eq(v_run, 0)
            or pg_catalog.int8lt(v_run, 0) and not unwind_internal.is_entered(v_run::pg_catalog.text)
        then
            return new;
        end if;
        if unwind_internal.is_stale(%2$L, %3$L, %4$L::pg_catalog.regclass) then
%7$s            perform unwind_internal.follow_table(%2$L);
            execute unwind_internal.images_statement(%2$L, tg_op) using v_run%5$s;
            return new;
        end if;
    end if;
    %6$s
    return new;
end$body$,
        unwind_internal.render_entered(captured.log_name), captured.log_name, captured.fingerprint,
        captured.table_name::oid,
        case when captured.by_row then ', old, new' else '' end,
        case
            when captured.by_row then (
                select format(
                    $if$if pg_catalog.texteq(tg_op, 'INSERT') then
        %s
    elsif pg_catalog.texteq(tg_op, 'UPDATE') then
        %s
    else
        %s
    end if;$if$,
                    variadic array_agg(
                        replace(
                            unwind_internal.render_images(captured, o.name, 'v_run', 'old', 'new'), E'\n', E'\n    '
                        ) order by o.n
                    )
                )
                from unnest(array['INSERT', 'UPDATE', 'DELETE']) with ordinality as o (name, n)
            )
            else unwind_internal.render_images(captured, operation, 'v_run', 'old_rows', 'new_rows')
        end,
        -- A cascade link without rows is a statement, too: an undo has not locked that table, and must not wait for its
        -- log.
        case when not captured.by_row then format(
            $if$            perform from %s limit 1;
            if not found then
                return new;
            end if;
$if$,
            case when operation = 'DELETE' then 'old_rows' else 'new_rows' end
        ) end
    )
$$;
