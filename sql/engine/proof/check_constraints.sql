-- Constraints that may refuse a cleared column: a CHECK that is not satisfied by null as such (what strict functions
-- and operators alone look at is null then, which satisfies it), of the table or of the column's domain, and a domain
-- that is NOT NULL. None is evaluated here, for that would be somebody's code.
create or replace function unwind_internal.check_constraints(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive cleared as (
        select distinct c.child_table, c.column_name, c.parent_table, a.attnum, a.atttypid
        from unwind_internal.cleared_columns(check_constraints.workflow) as c
        inner join pg_attribute as a on a.attrelid = c.child_table and a.attname = c.column_name
        where c.fallback is null
    ),

    domains as (
        select c.child_table, c.column_name, c.parent_table, t.oid, t.typbasetype, t.typnotnull
        from cleared as c
        inner join pg_type as t on t.oid = c.atttypid and t.typtype = 'd'
        union
        select d.child_table, d.column_name, d.parent_table, t.oid, t.typbasetype, t.typnotnull
        from domains as d
        inner join pg_type as t on t.oid = d.typbasetype and t.typtype = 'd'
    ),

    constraints as (
        select c.child_table, c.column_name, c.parent_table, k.oid, k.conname, k.conbin,
            format('alter table %s drop constraint %I;', c.child_table, k.conname) as fix
        from cleared as c
        inner join pg_constraint as k on k.conrelid = c.child_table and c.attnum = any(k.conkey)
        where k.contype = 'c'
        union all
        select d.child_table, d.column_name, d.parent_table, k.oid, k.conname, k.conbin,
            format('alter domain %s drop constraint %I;', d.oid::regtype, k.conname)
        from domains as d
        inner join pg_constraint as k on k.contypid = d.oid
        where k.contype = 'c'
    )

    select
        'warning',
        'cleared_column_check',
        c.child_table::text,
        format('column %I of %s would be cleared with its row of %s, which constraint %I may refuse: %s',
            c.column_name, c.child_table, c.parent_table, c.conname, pg_get_constraintdef(c.oid)),
        c.fix || ' -- or declare the link cascade, or restrict'
    from constraints as c
    where c.conbin::text ~ '\{(NULLTEST|COALESCE|DISTINCTEXPR|BOOLEANTEST|CASE|NULLIFEXPR|ROWCOMPARE)'
        or exists (
            select from regexp_matches(c.conbin::text, ':(?:op)?funcid (\d+)', 'g') as f (number)
            inner join pg_proc as p on p.oid = f.number[1]::oid
            where not p.proisstrict
        )
    union all
    select
        'error',
        'not_null_link',
        d.child_table::text,
        format('column %I of %s is of domain %s, which is NOT NULL, and its link to %s would be cleared',
            d.column_name, d.child_table, d.oid::regtype, d.parent_table),
        format('alter domain %s drop not null;', d.oid::regtype)
    from domains as d
    where d.typnotnull
    order by 3, 4
$$;
