-- What there was to do in a captured table, a row for each run, and what was done: see render_undo; for the full join
-- see render_restore. A delete counts for the run that left the row, all else for the one that found it.
create or replace function unwind_internal.render_outcome(
    captured unwind_internal.captured_tables, n int, kept boolean
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $sql$select
        %1$s as place, c.run,
        pg_catalog.count(*) filter (where c.action operator(pg_catalog.=) 'delete') as deletes,
        pg_catalog.count(*) filter (where c.action operator(pg_catalog.=) 'update') as updates,
        pg_catalog.count(*) filter (where c.action operator(pg_catalog.=) 'insert') as inserts,
        pg_catalog.count(*) filter (where c.action operator(pg_catalog.=) 'conflict' and c.is_first) as conflicts,
        pg_catalog.count(*) filter (where c.action operator(pg_catalog.=) 'done') as done,
        (select pg_catalog.count(*) from d%1$s) as deleted,
        (select pg_catalog.count(*) from u%1$s as u where u.is_exact)
            operator(pg_catalog.+) (select pg_catalog.count(*) from i%1$s as i where i.is_exact) as restored,
        %2$s as bad
    from (
        select
            c.action,
            case when c.action operator(pg_catalog.=) 'delete' then c.l_run else coalesce(c.f_run, c.l_run) end as run,
            c.is_first
        from c%1$s as c
    ) as c
    group by c.run$sql$,
        n,
        case
            when kept then 'null::pg_catalog.text'
            else format(
                $sql$(
            select %2$s
            from c%1$s as c
            full join (
                select u.* from u%1$s as u where u.is_exact
                union all
                select i.* from i%1$s as i where i.is_exact
            ) as u on %3$s
            where coalesce(c.action operator(pg_catalog.=) any('{insert,update}') and u.is_exact is null, false)
            limit 1
        )$sql$,
                n, unwind_internal.render_key_text(captured),
                string_agg(format('u.k%s %s c.k%1$s', i.place, i.equals), ' and ' order by i.place)
            )
        end
    )
    from unwind_internal.image_columns(captured) as i
    where i.is_key
$$;
