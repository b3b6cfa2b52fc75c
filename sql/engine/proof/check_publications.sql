-- Publications under which PostgreSQL refuses the deletions of a plan: of a table, or a partition of it, whose rows
-- subscribers could not tell apart for want of a replica identity (55000), or with a row filter or list of columns that
-- does not go with it (42P10). Where a link is cleared, likewise for updates.
create or replace function unwind_internal.check_publications(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with touched (tbl, deleted) as (
        select distinct coalesce(t.relid::oid, p.target::oid), p.action = 'delete'
        from unwind.plan_statements as p
        left join pg_partition_tree(p.target) as t on t.isleaf
        where p.workflow = check_publications.workflow and p.action in ('delete', 'set null')
    ),

    identities as (
        select distinct t.tbl, t.deleted, c.relreplident, i.indkey::smallint []
        from touched as t
        inner join pg_class as c on c.oid = t.tbl and c.relkind = 'r' and c.relpersistence = 'p'
        left join pg_index as i
            on i.indrelid = t.tbl
            and case c.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident else false end
    ),

    published as (
        select i.tbl, p.pubname, i.deleted, i.relreplident, i.indkey, r.oid as relation,
            r.prqual is not null as filtered, r.prattrs::smallint []
        from identities as i
        inner join pg_publication as p on case when i.deleted then p.pubdelete else p.pubupdate end
        cross join lateral (
            select a.relid from pg_partition_ancestors(i.tbl) as a
            union
            select i.tbl
        ) as a (relid)
        inner join pg_class as c on c.oid = a.relid
        left join pg_publication_rel as r on r.prpubid = p.oid and r.prrelid = a.relid
        left join pg_publication_namespace as n on n.pnpubid = p.oid and n.pnnspid = c.relnamespace
        where p.puballtables or r.oid is not null or n.oid is not null
    ),

    refused as (
        select p.*, case
            when p.relreplident <> 'f' and p.indkey is null then 'which has no replica identity'
            when p.prattrs is not null and (p.relreplident = 'f' or not p.indkey <@ p.prattrs)
                then 'by a list of columns that lacks some of its replica identity'
            when p.filtered and p.relreplident <> 'f' and exists (
                select from pg_depend as d
                where d.classid = 'pg_publication_rel'::regclass and d.objid = p.relation
                    and d.refobjsubid > 0 -- a column
                    and d.refobjsubid <> all(p.indkey)
                    and d.refobjsubid <> all(coalesce(p.prattrs, '{}'))
            ) then 'by a filter on columns that are not of its replica identity'
        end as reason
        from published as p
    )

    select distinct
        'error',
        'replica_identity',
        r.tbl::regclass::text,
        format('publication %I publishes what is %s in %s, %s', r.pubname,
            case when r.deleted then 'deleted' else 'cleared' end, r.tbl::regclass, r.reason),
        case
            when r.prattrs is null then format('alter table %s replica identity full;', r.tbl::regclass)
            else format('alter publication %I drop table %2$s; alter publication %1$I add table %2$s;',
                r.pubname, (select l.prrelid::regclass from pg_publication_rel as l where l.oid = r.relation))
        end
    from refused as r
    where r.reason is not null
    order by 3, 4
$$;
