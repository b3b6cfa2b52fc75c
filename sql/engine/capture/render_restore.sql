-- The CTEs d, u and i, numbered, of a captured table: delete what the runs inserted, update back what they updated,
-- insert what they deleted; each waits for the one before by reading its count, and all for ok. is_replaced: updated
-- rows are deleted and inserted again, for unique values that have changed places. A row that comes back gets, in
-- columns that its image does not know, their defaults: an insert for each shape. u and i say which rows are exactly
-- as they were to be, but for columns that are ignored. A row that was made anew while the undo waited for another one
-- is not locked: it is changed only if it still is what was looked at. CTEs are put together by full joins, which are
-- hashed: PostgreSQL takes them for small, and would go through one of them for each row of the other.
create or replace function unwind_internal.render_restore(
    captured unwind_internal.captured_tables, n int, is_replaced boolean
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with columns as (
        select i.*, a.attidentity = 'a' as is_always
        from unwind_internal.image_columns(captured) as i
        inner join pg_attribute as a on a.attrelid = captured.table_name and a.attname = i.name
    ),

    parts as (
        select
            captured.table_name::text as target,
            format(
                '%s and row(%s)::pg_catalog.record operator(pg_catalog.*=) row(%s)',
                unwind_internal.render_key_match(captured), string_agg(c.value, ', ' order by c.place),
                string_agg('c.t' || c.place, ', ' order by c.place)
            ) as is_row,
            string_agg(
                format('%I = %s', c.name, unwind_internal.render_known(
                    'c.f_shape', c.added, 'c.f' || c.place, format('x.%I', c.name)
                )),
                ', ' order by c.place
            ) filter (where not c.is_always) as assignments,
            string_agg(
                unwind_internal.render_known('c.f_shape', c.added, c.value, 'null'), ', ' order by c.place
            ) filter (where not c.is_ignored) as present,
            string_agg('c.f' || c.place, ', ' order by c.place) filter (where not c.is_ignored) as goal,
            string_agg(format('%s as c%s', c.value, c.place), ', ' order by c.place) as returned,
            string_agg(
                unwind_internal.render_known('c.f_shape', c.added, 'r.c' || c.place, 'null'), ', ' order by c.place
            ) filter (where not c.is_ignored) as came_back,
            string_agg(format('r.c%s %s c.k%1$s', c.place, c.equals), ' and ' order by c.place)
                filter (where c.is_key) as is_returned,
            string_agg('c.k' || c.place, ', ' order by c.place) filter (where c.is_key) as keys
        from columns as c
    ),

    inserts as (
        select
            s.shape,
            string_agg(quote_ident(c.name), ', ' order by c.place) as names,
            string_agg('c.f' || c.place, ', ' order by c.place) as found
        from generate_series(1, captured.shape) as s (shape)
        inner join columns as c on c.added <= s.shape
        group by s.shape
    )

    select format(
        $sql$d%1$s as (
    delete from %2$s as x using c%1$s as c
    where %3$s and c.action operator(pg_catalog.=) any(%4$L) and (select o.is_ok from ok as o)
    returning 1
),
%5$s,
%6$s,
i%1$s as (
    select %7$s, row(%8$s)::pg_catalog.record operator(pg_catalog.*=) row(%11$s) as is_exact
    from (%9$s) as r
    full join c%1$s as c on %10$s
    where coalesce(c.action operator(pg_catalog.=) any('{insert,update}') and r.is_there, false)
)$sql$,
        n, p.target, p.is_row, case when is_replaced then array['delete', 'update'] else array['delete'] end,
        case
            when p.assignments is null or is_replaced
                then format('u%s as (select %s, true as is_exact from c%1$s as c where false)', n, p.keys)
            else format(
                $sql$u%1$s as (
    update %2$s as x set %3$s
    from c%1$s as c
    where %4$s and c.action operator(pg_catalog.=) 'update' and (select o.is_ok from ok as o)
        and (select pg_catalog.count(*) from d%1$s) operator(pg_catalog.>=) 0
    returning %5$s, row(%6$s)::pg_catalog.record operator(pg_catalog.*=) row(%7$s) as is_exact
)$sql$,
                n, p.target, p.assignments, p.is_row, p.keys, p.present, p.goal
            )
        end,
        (
            select string_agg(
                format(
                    $sql$i%1$s_%2$s as (
    insert into %3$s as x (%4$s) overriding system value
    select %5$s
    from c%1$s as c
    where c.action operator(pg_catalog.=) any(%6$L) and c.f_shape operator(pg_catalog.=) %2$s
        and (select o.is_ok from ok as o)
        and (select pg_catalog.count(*) from %8$s) operator(pg_catalog.>=) 0
    returning %7$s
)$sql$,
                    n, i.shape, p.target, i.names, i.found,
                    case when is_replaced then array['insert', 'update'] else array['insert'] end, p.returned,
                    case when p.assignments is null or is_replaced then 'd' else 'u' end || n
                ),
                E',\n' order by i.shape
            )
            from inserts as i
        ),
        p.keys, p.came_back,
        (
            select string_agg(
                format('select r.*, true as is_there from i%s_%s as r', n, i.shape), ' union all ' order by i.shape
            )
            from inserts as i
        ),
        p.is_returned, p.goal
    )
    from parts as p
$$;
