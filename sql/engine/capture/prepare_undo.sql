-- What the undo of a set of captured tables needs beside its statement: see kept_undos.
create or replace function unwind_internal.prepare_undo(
    tables unwind_internal.captured_tables [], merging boolean default false
)
returns unwind_internal.kept_undos
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_undo unwind_internal.kept_undos;
begin
    select array_agg(c.log_name order by t.n), array_agg(c.table_name order by t.n),
        array_agg(unwind_internal.qualified_name(c.table_name) order by t.n),
        array_agg(
            case when unwind_internal.has_user_code(c.table_name)
                then unwind_internal.render_left_over(tables[t.n], merging) end
            order by t.n
        )
    into v_undo.log_names, v_undo.names, v_undo.labels, v_undo.left_over
    from generate_series(1, cardinality(tables)) as t (n)
    cross join lateral (select (tables[t.n]).*) as c;
    select c.all_of_them, c.initially_deferred into v_undo.all_deferrable, v_undo.initially_deferred
    from unwind_internal.deferrable_constraints(v_undo.names) as c;
    return v_undo;
end
$$;
