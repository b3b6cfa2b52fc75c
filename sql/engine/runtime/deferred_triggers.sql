-- The user's deferrable constraint triggers on tables that an undo of the workflow touches, by itself or through
-- PostgreSQL's own actions, as SET CONSTRAINTS takes them: all, and those that are deferred unless told otherwise.
create or replace function unwind_internal.deferred_triggers(
    workflow text, out all_of_them text, out initially_deferred text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive touched (oid) as (
        select t.target::oid
        from unwind_internal.planned_tables as t
        where t.workflow = deferred_triggers.workflow
        union
        select n.oid
        from touched as t
        cross join lateral (
            select i.inhrelid as oid from pg_inherits as i where i.inhparent = t.oid
            union all
            -- 8: a foreign key's trigger for deletes, which is on the table that it points at
            select g.tgconstrrelid
            from pg_trigger as g
            where g.tgrelid = t.oid and g.tgisinternal and g.tgconstrrelid <> 0 and g.tgtype & 8 <> 0
        ) as n
    )

    select
        string_agg(distinct c.name, ', '),
        string_agg(distinct c.name, ', ') filter (where c.tginitdeferred)
    from (
        select format('%I.%I', n.nspname, k.conname) as name, g.tginitdeferred
        from touched as t
        inner join pg_trigger as g on g.tgrelid = t.oid
        inner join pg_constraint as k on k.oid = g.tgconstraint
        inner join pg_namespace as n on n.oid = k.connamespace
        where g.tgdeferrable and not g.tgisinternal and g.tgenabled <> 'D' and k.contype = 't'
    ) as c
$$;
