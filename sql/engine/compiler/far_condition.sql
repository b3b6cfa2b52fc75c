-- Which rows of a table kept elsewhere a plan statement means, in terms of scalar keys, so that the far server can be
-- sent the statement as it is: those of one element k of the anchor or, where the anchor has one column, of all
-- elements of a run (is_narrow). Anything else would be carried out row by row, by where the rows lie there.
create or replace function unwind_internal.far_condition(
    statement unwind.plan_statements, out is_narrow boolean, out condition text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        n.is_narrow,
        case
            when n.is_narrow then regexp_replace((far_condition.statement).condition, 'k\.c1$', 'any(k.c1)')
            else (far_condition.statement).condition
        end
    from unwind_internal.anchor_of(far_condition.statement) as a
    cross join lateral (
        -- An array of an extension's type is not the extension's, and is never sent. 10000: the first of those that
        -- are not built in.
        select cardinality(a.types) = 1 and (far_condition.statement).condition ~ 'k\.c1$'
            and a.types[1]::regtype::oid < 10000 as is_narrow
    ) as n
$$;
