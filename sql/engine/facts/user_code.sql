-- The user's own code that runs where rows of a table are deleted, or updated: triggers, for each row or statement, and
-- rules; those of the table, of its partitions and of what inherits from it.
create or replace function unwind_internal.user_code(target regclass, deleted boolean, updated boolean)
returns text []
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tables oid [] := array[target::oid];
begin
    if (select c.relhassubclass from pg_class as c where c.oid = target) then
        with recursive tables (oid) as (
            select target::oid
            union
            select i.inhrelid from tables as t inner join pg_inherits as i on i.inhparent = t.oid
        )

        select array_agg(t.oid) into v_tables from tables as t;
    end if;
    return (
        -- tgtype: 8 delete, 16 update; ev_type: 4 delete, 2 update
        select coalesce(array_agg(c.name order by c.name), '{}')
        from (
            select quote_ident(g.tgname) as name
            from pg_trigger as g
            inner join pg_proc as f on f.oid = g.tgfoid
            where g.tgrelid = any(v_tables)
                and not g.tgisinternal
                and f.pronamespace::regnamespace::text not in ('unwind_compiled', 'unwind_internal') -- capture's
                and g.tgenabled <> 'D'
                and ((deleted and g.tgtype & 8 <> 0) or (updated and g.tgtype & 16 <> 0))
            union
            select quote_ident(r.rulename)
            from pg_rewrite as r
            where r.ev_class = any(v_tables)
                and r.ev_enabled <> 'D'
                and ((deleted and r.ev_type = '4') or (updated and r.ev_type = '2'))
        ) as c
    );
end
$$;
