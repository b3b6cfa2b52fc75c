-- The body of a function that deletes from a set of captured tables what the runs $1, which only inserted there, left:
-- the rows that still are as their images have them. It gives how many, per table; or null, where a table is not as it
-- was when this was rendered. $2: how many images there are, per table. As many rows have to go: where one has changed,
-- a foreign key or a trigger of the user's may have taken it along all the same. If fewer went, or rows would go along
-- that are not theirs (render_taken_along), it is ZZ001, and nothing is gone: another way is for that.
--
-- A row is looked at when it is locked, and rows are locked table by table in the order of names, row by row in that of
-- their keys. Where foreign keys let it, that is a statement for each table, the shortest there is, shorter where there
-- is one row alone, which needs no order; else one statement, for foreign keys are checked at its end. Rows that others
-- may refer to, and would be taken along, are locked before.
create or replace function unwind_internal.render_inserted(
    function_name text, tables unwind_internal.captured_tables []
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $body$%1$s%2$s    if "~counts" operator(pg_catalog.<>) $2 then
        raise sqlstate 'ZZ001';
    end if;
%3$s    return "~counts";
end$body$,
        unwind_internal.render_kept_head(
            function_name, tables,
            format(
                E'    "~counts" pg_catalog.int8[];\n%s',
                string_agg(format(E'    "~count%s" pg_catalog.int8;\n', p.n), '' order by p.n)
            ),
            'return null;'
        ),
        case
            when bool_or(p.is_parent_of_later) then
                concat(
                    string_agg(p.lock, '' order by p.n) filter (where p.n <= p.last_to_lock),
                    string_agg(p.look, '' order by p.n),
                    format(
                        E'    with %s\n    select array[%s] into "~counts";\n',
                        string_agg(
                            format(E'd%s as (\n        %s\n        returning 1\n    )', p.n, p.deletion), ', '
                            order by p.n
                        ),
                        string_agg(format('(select pg_catalog.count(*) from d%s)', p.n), ', ' order by p.n)
                    )
                )
            else concat(
                string_agg(
                    concat(
                        case when p.look is not null then p.lock end, p.look,
                        format(
                            E'    if $2[%2$s] operator(pg_catalog.=) 1 then\n        %1$s;\n'
                            '    else\n        %3$s;\n    end if;\n'
                            '    get diagnostics "~count%2$s" = row_count;\n',
                            p.deletion_of_one, p.n, p.deletion
                        )
                    ), '' order by p.n
                ),
                format(
                    E'    "~counts" := array[%s];\n', string_agg(format('"~count%s"', p.n), ', ' order by p.n)
                )
            )
        end,
        unwind_internal.render_unforeseen(function_name, tables)
    )
    from (
        select
            t.n, d.look, e.is_parent_of_later,
            max(t.n) filter (where d.look is not null) over () as last_to_lock,
            format(
                E'    perform from (\n        select from %s as l inner join %s as x on %s\n'
                '        where %s order by %s for update of x\n    ) as e;\n',
                s.log, c.table_name, m.is_match, s.is_theirs, k.keys
            ) as lock,
            format(
                'delete from %s as x using (select l.* from %s as l where %s order by %s) as l where %s and %s',
                c.table_name, s.log, s.is_theirs, k.logged_keys, m.is_match, m.is_left
            ) as deletion,
            format(
                'delete from %s as x using %s as l where %s and %s and %s',
                c.table_name, s.log, s.is_theirs, m.is_match, m.is_left
            ) as deletion_of_one
        from generate_series(1, cardinality(tables)) as t (n)
        cross join lateral (select (tables[t.n]).*) as c
        cross join lateral (
            select format('unwind_captured.%I', 'images of ' || c.log_name) as log,
                'l."~run" operator(pg_catalog.=) any($1)' as is_theirs
        ) as s
        cross join lateral (
            select
                string_agg(format('x.%I', i.name), ', ' order by i.place) as keys,
                string_agg(format('l.%I', i.name), ', ' order by i.place) as logged_keys
            from unwind_internal.image_columns(c) as i
            where i.is_key
        ) as k
        cross join lateral (
            select
                unwind_internal.render_image_match(c) as is_match, unwind_internal.render_still_left(c) as is_left
        ) as m
        cross join lateral (select unwind_internal.render_taken_along(tables, t.n) as look) as d
        cross join lateral (
            select exists (
                select from pg_constraint as f
                inner join unnest(tables) with ordinality as o (
                    table_name, log_name, target_oid, columns, types, numbers, added, key_columns, shape, min_shape,
                    fingerprint, by_row, ignored, place
                ) on o.table_name = coalesce(pg_partition_root(f.conrelid), f.conrelid::regclass)
                where f.contype = 'f' and f.conparentid = 0 and o.place > t.n
                    and coalesce(pg_partition_root(f.confrelid), f.confrelid::regclass) = c.table_name
            ) as is_parent_of_later
        ) as e
    ) as p
$$;
