-- The one statement that undoes the runs $1 in captured tables: their changes, table by table; whether there are
-- conflicts (x, unless $2: they are skipped) or rows that would go along unseen (y); and, if not, everything at once,
-- so that foreign keys, which are checked at its end, need no order among the tables. replaced: tables, by their
-- place, in which updated rows go and come back. merging: see render_changes. Nearly half of what it takes for few rows
-- is to start its plan and to end it, so there is no node too many.
--
-- It gives for each table and run what there was to do, and beside it what was done for the table in all; link, a row
-- that would go along; bad, a row that is not as it was. That a kept one does not say, for where it fails a statement
-- made for the occasion does what it did, and fails in its place (undo_captured).
create or replace function unwind_internal.render_undo(
    tables unwind_internal.captured_tables [], replaced int [], merging boolean default false,
    kept boolean default false
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $sql$with %1$s,
x as materialized (
    %2$s
),
y as materialized (
    %3$s
),
ok as materialized (
    select ($2 or not exists (select from x)) and not exists (select from y) as is_ok
),
%4$s
select
    r.*, exists (select from x) as is_refused, y.table_name as dragged, y.link, y.is_back,
    (pg_catalog.sum(r.deletes) over w)::bigint as all_deletes,
    (pg_catalog.sum(r.updates) over w)::bigint as all_updates,
    (pg_catalog.sum(r.inserts) over w)::bigint as all_inserts,
    (pg_catalog.sum(r.conflicts) over w)::bigint as all_conflicts
from (
    %5$s
) as r
left join (select y.* from y order by y.is_back limit 1) as y on true
window w as (partition by r.place order by r.run rows between unbounded preceding and unbounded following)
order by r.place, r.run$sql$,
        string_agg(unwind_internal.render_changes(tables[t.n], t.n, merging), E',\n' order by t.n),
        string_agg(
            format('select from c%s as c where c.action operator(pg_catalog.=) ''conflict''', t.n),
            E'\n    union all\n    ' order by t.n
        ),
        coalesce(
            string_agg(unwind_internal.render_dragged(tables, t.n), E'\n    union all\n    ' order by t.n),
            'select null::pg_catalog.text as table_name, null::pg_catalog.text as link, false as is_back where false'
        ),
        string_agg(unwind_internal.render_restore(tables[t.n], t.n, t.n = any(replaced)), E',\n' order by t.n),
        string_agg(unwind_internal.render_outcome(tables[t.n], t.n, kept), E'\n    union all\n    ' order by t.n)
    )
    from generate_series(1, cardinality(tables)) as t (n)
$$;
