-- The body of a function that undoes the runs $1 in a set of captured tables: it locks the tables, before any row, for
-- another undo may have one that was altered against its writers (lock_captured), and then their rows, table by table
-- in the order of names, row by row in that of their keys, and is one statement then (render_undo). Of runs that only
-- inserted there the look and the lock are one (inserted_only), and the statement deletes alone. It gives one row alone
-- where it does nothing: of place 0, where a table is not as it was when this was rendered, which is asked once a plan
-- (see is_stale); without a place, of runs that only inserted, where a row is not as it was left, or would take one
-- along that is not theirs.
create or replace function unwind_internal.render_kept(
    function_name text, tables unwind_internal.captured_tables [], inserted_only boolean
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $body$#variable_conflict use_column
declare
    "~nothing" unwind_internal.table_outcome;
%1$sbegin
    perform unwind_internal.assert_readable(t.number::pg_catalog.regclass)
    from pg_catalog.unnest(%4$L::pg_catalog.oid[]) as t (number);
    perform where unwind_internal.is_changed(%2$L)
        or %3$s;
    if found then
        "~nothing".place := 0;
        return next "~nothing";
        return;
    end if;
    lock table %6$s in row exclusive mode;
%5$s
end$body$,
        case
            when inserted_only then
                format(
                    $sql$    "~there" pg_catalog.int8[] := pg_catalog.array_fill(0::bigint, array[%s]);
    "~done" pg_catalog.int8[] := "~there";
    "~others" pg_catalog.int8;
    "~row" unwind_internal.table_outcome;
    "~rows" unwind_internal.table_outcome[];
$sql$,
                    cardinality(tables)
                ) || string_agg(a.declarations, '' order by t.n)
            else ''
        end,
        function_name,
        (
            select string_agg(format('exists (select from %s where false)', d.name), E'\n        or ' order by d.name)
            from unnest(unwind_internal.dragging_tables(tables)) as d (name)
        ) || coalesce(
            string_agg(
                format(
                    E'\n        or exists (select from unwind_captured.%I as l '
                    'where l."~run" operator(pg_catalog.=) any($1) and l."~shape" operator(pg_catalog.<) %s)',
                    'images of ' || c.log_name, c.min_shape
                ), '' order by t.n
            ) filter (where c.min_shape > 1),
            ''
        ),
        array_agg(c.table_name::oid order by t.n),
        case
            when inserted_only then string_agg(
                format(
                    $sql$    select pg_catalog.count(*) filter (where not e.is_left), %1$s
    into "~others", %2$s
    from (
        select %3$s as is_left, l."~run", %4$s
        from unwind_captured.%5$I as l
        inner join %6$s as x on %7$s
        where l."~run" operator(pg_catalog.=) any($1)
        order by %8$s
        for update of x
    ) as e;
    if "~others" operator(pg_catalog.>) 0 then
        return next "~nothing";
        return;
    end if;
    "~there"[%9$s] := coalesce(pg_catalog.cardinality("~run%9$s"), 0);$sql$,
                    a.filling, a.names, unwind_internal.render_still_left(c), k.images, 'images of ' || c.log_name,
                    c.table_name, unwind_internal.render_image_match(c), k.present, t.n
                ), E'\n' order by t.n
            ) || format(
                $sql$
    for "~row" in
        %s
    loop
        "~rows" := pg_catalog.array_append("~rows", "~row");
        "~done"["~row".place] := "~done"["~row".place] operator(pg_catalog.+) "~row".deletes;
    end loop;
    if "~rows" is null then
        return next "~nothing";
        return;
    end if;
%s
    return query select o.* from pg_catalog.unnest("~rows") as o;$sql$,
                replace(unwind_internal.render_inserted(tables), E'\n', E'\n        '),
                string_agg(
                    format(
                        $sql$    if "~done"[%1$s] operator(pg_catalog.<>) "~there"[%1$s] then
        perform unwind_internal.assert_restored(
            %2$L::pg_catalog.oid, (select pg_catalog.count(distinct (%3$s)) from %4$s), "~done"[%1$s], 0, 0, null
        );
    end if;$sql$,
                        t.n, c.table_name::oid, k.keys, a.rows_to_go
                    ), E'\n' order by t.n
                )
            )
            else string_agg(
                format('    perform from (%s) as l;', unwind_internal.render_row_lock(c)), E'\n' order by t.n
            ) || E'\n    return query\n' || unwind_internal.render_undo(tables, '{}') || ';'
        end,
        string_agg('only ' || c.table_name, ', ' order by t.n)
    )
    from generate_series(1, cardinality(tables)) as t (n)
    cross join lateral (select (tables[t.n]).*) as c
    cross join lateral unwind_internal.render_key_arrays(tables[t.n], t.n) as a
    cross join lateral (
        select
            string_agg(format('x.%I', i.name), ', ' order by i.place) as present,
            string_agg(format('l.%I as k%s', i.name, i.place), ', ' order by i.place) as images,
            string_agg('l.k' || i.place, ', ' order by i.place) as keys
        from unwind_internal.image_columns(tables[t.n]) as i
        where i.is_key
    ) as k
$$;
