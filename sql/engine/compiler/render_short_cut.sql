-- One run with at most one key a step, as most are: its deletes compare with that key, and their row counts are
-- the receipts. A custom step says itself whose its rows were, and so do a component and tables whose rows are kept
-- elsewhere: no short cut with those, nor where rows are counted as they go (max_rows), or in several passes.
create or replace function unwind_internal.render_short_cut(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(E'\n    v_one := %s;', string_agg(v.condition, E'\n        and ' order by v.ordinal))
    from (
        select 0 as ordinal, 'max_rows is null and pg_catalog.cardinality(run_ids) operator(pg_catalog.=) 1' as condition
        union all
        select p.ordinal,
            format('coalesce(pg_catalog.cardinality(%s_run), 0) operator(pg_catalog.<=) 1', unwind_internal.anchor(p))
        from unwind.plan_statements as p
        where p.workflow = render_short_cut.workflow and p.action = 'keys'
    ) as v
    where not unwind_internal.looks_again(render_short_cut.workflow) and not exists (
        select from unwind.plan_statements as p
        where p.workflow = render_short_cut.workflow and (
                p.action = 'call'
                or p.component is not null
                or (p.action = 'delete' and unwind_internal.is_foreign(p.target))
            )
    )
    having count(*) > 0
$$;
